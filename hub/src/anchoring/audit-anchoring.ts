import { randomBytes } from "node:crypto";
import {
  AUDIT_SALT_BYTES,
  encodeAuditAnchor,
  headCommitment,
  MAX_ANCHOR_LINES,
} from "@gridledger/protocol/audit/audit-anchor";
import { type AuditRecord, FIRST_HASH, lineTag } from "@gridledger/protocol/audit/audit-record";
import { asFault } from "@gridledger/protocol/faults";
import { kind } from "@gridledger/protocol/ledger/kinds";
import type { Clock } from "../clock.ts";
import type { AuditLog } from "../logs/audit-log.ts";
import { Anchorer, type AnchorerDeps } from "./anchorer.ts";
import type { AuditAnchorTable } from "./audit-anchor-table.ts";

/** A line waits for its anchor no longer than this, or until so many wait with it. */
const MAX_WAIT_MS = 3_600_000;
const ENOUGH_LINES = 256;
const LOOK_MS = 30_000;

interface AuditAnchoringDeps extends Omit<AnchorerDeps, "batches"> {
  readonly audit: Pick<AuditLog, "after">;
  readonly table: AuditAnchorTable;
  readonly clock: Clock;
}

/** Brings the hub's own audit log onto the chain, so that nobody can write it anew (guide §4.5.1). */
export class AuditAnchoring {
  readonly #deps: AuditAnchoringDeps;
  readonly #anchorer: Anchorer;
  #cancel: (() => void) | undefined;
  #looking: Promise<void> | undefined;

  constructor(deps: AuditAnchoringDeps) {
    this.#deps = deps;
    const chain = { name: "audit log", kind: kind.auditAnchor };
    this.#anchorer = new Anchorer({ ...deps, batches: deps.table }, chain);
  }

  start(): void {
    this.#cancel = this.#deps.clock.after(LOOK_MS, () => {
      void this.look().finally(() => {
        if (this.#cancel !== undefined) this.start();
      });
    });
  }

  async stop(): Promise<void> {
    this.#cancel?.();
    this.#cancel = undefined;
    await this.#anchorer.stop();
    await this.#looking;
  }

  /** Anchors what is due, and goes on with what is not final yet. */
  look(): Promise<void> {
    this.#looking ??= this.#look().finally(() => {
      this.#looking = undefined;
    });
    return this.#looking;
  }

  async #look(): Promise<void> {
    try {
      if ((await this.#deps.table.firstOpen()) === undefined) await this.#prepare();
      await this.#anchorer.poke();
    } catch (thrown) {
      const { code, cause } = asFault(thrown);
      this.#deps.log.error({ code, err: cause }, "the audit log cannot be anchored");
    }
  }

  async #prepare(): Promise<void> {
    const { audit, table, clock, chain } = this.#deps;
    const { hash } = chain.suite;
    const last = await table.last();
    const firstLine = last === undefined ? 1 : last.firstLine + last.lines;
    const lines = await audit.after(firstLine - 1, MAX_ANCHOR_LINES);
    if (!isDue(lines, clock.now())) return;
    const salt = randomBytes(AUDIT_SALT_BYTES);
    const payload = encodeAuditAnchor({
      firstLine,
      tags: Buffer.concat(lines.map((line) => lineTag(hash, salt, line))),
      saltHash: hash(salt),
      head: headCommitment(hash, salt, lines.at(-1)?.hash ?? FIRST_HASH),
      previousHash: last === undefined ? FIRST_HASH : hash(last.payload),
    });
    const batch = (last?.batch ?? 0) + 1;
    await table.add({ batch, firstLine, lines: lines.length, salt, payload });
  }
}

function isDue(lines: readonly AuditRecord[], nowMs: number): boolean {
  const [first] = lines;
  if (first === undefined) return false;
  return lines.length >= ENOUGH_LINES || nowMs - first.timeMs >= MAX_WAIT_MS;
}
