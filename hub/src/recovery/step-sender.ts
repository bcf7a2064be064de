import { asFault } from "@gridledger/protocol/faults";
import { formatHex } from "@gridledger/protocol/hex";
import type { Knex } from "knex";
import type { RecoveryDeps, Submitted } from "./recovery-deps.ts";
import type { NoticeKind } from "./tables/notice-table.ts";

const WAIT_MS = 8_000;

/** A step as the log and the notices tell it. */
interface ToldStep {
  /** The account or key that handed it in. */
  readonly actor: string;
  readonly action: string;
  readonly what: NoticeKind;
  /** Identity ids in hex. */
  readonly told: readonly string[];
  readonly publicKey: string;
  readonly request: string | null;
  /** Who signed: identity id in hex. */
  readonly by: string;
  readonly detail: string;
}

/** Writes a step down, tells those whom it concerns, and brings it onto the chain. */
export class StepSender {
  readonly #deps: RecoveryDeps;

  constructor(deps: RecoveryDeps) {
    this.#deps = deps;
  }

  /**
   * What the step leaves behind, its notices and its line in the log are durable together, and before
   * the chain hears of it: nothing on the chain is untold.
   */
  async write(step: ToldStep, keep: (db: Knex) => Promise<void>): Promise<void> {
    const { store, notices, audit, now } = this.#deps;
    const { actor, action, told, what, publicKey, request, by, detail } = step;
    await store.transaction(async (db) => {
      await keep(db);
      const notice = { what, publicKey, request, by, detail, timeMs: now() };
      await notices.add(db, told, notice);
      await audit.append(db, {
        ...{ category: "user", actor, action, target: publicKey, result: "done", detail },
        after: { ...(request !== null && { request }), signedBy: by },
      });
    });
  }

  /** @throws Fault what the chain says to it */
  async submit(
    encoded: Uint8Array,
    { actor, action, publicKey }: Pick<ToldStep, "actor" | "action" | "publicKey">,
  ): Promise<Submitted> {
    const { submit, audit } = this.#deps;
    try {
      return await submit(encoded, WAIT_MS);
    } catch (thrown) {
      const { code, message } = asFault(thrown);
      const detail = `${code}: ${message}`;
      const said = { category: "user", actor, action, target: publicKey } as const;
      await audit.record({ ...said, result: "refused", detail });
      throw thrown;
    }
  }

  /** The same again, because the answer was lost. */
  async again(txHash: Uint8Array): Promise<Submitted> {
    const height = await this.#deps.finalHeight(txHash);
    const hash = formatHex(txHash);
    if (height === undefined) return { hash, state: "spooled", height: null };
    return { hash, state: "final", height };
  }

  /** Whether the chain refused it, or it never got there. */
  async isRefused(txHash: Uint8Array): Promise<boolean> {
    const { finalHeight, findSpooled } = this.#deps;
    if ((await finalHeight(txHash)) !== undefined) return false;
    const entry = await findSpooled(txHash);
    return entry === undefined || entry.refusal !== null;
  }
}
