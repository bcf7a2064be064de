import type { Hash } from "@gridledger/protocol/crypto/suite";
import { formatHex } from "@gridledger/protocol/hex";
import type { Log } from "../log.ts";
import type { AuditLog } from "../logs/audit-log.ts";
import type { Finding } from "./tables/finding-table.ts";

const WEBHOOK_TRIES = 3;
const WEBHOOK_TIMEOUT_MS = 5_000;

/** What everybody who may read the ledger is told; the row's key is not in it. */
export interface MappingAlarm {
  readonly mapping: string;
  readonly name: string;
  readonly finding: number;
  readonly kind: Finding["kind"];
  readonly columns: readonly string[];
  readonly sinceMs: number;
  readonly foundMs: number;
}

interface AlarmsDeps {
  readonly hash: Hash;
  readonly log: Log;
  readonly audit: Pick<AuditLog, "record">;
  readonly fetch: typeof fetch;
  /** Undefined: nobody is called. */
  readonly webhook: string | undefined;
}

/** Tells of a finding: log, audit log (which freezes the hash of its evidence), console, webhook. */
export class Alarms {
  readonly #deps: AlarmsDeps;
  readonly #listeners: ((alarm: MappingAlarm) => void)[] = [];
  #work: Promise<unknown> = Promise.resolve();

  constructor(deps: AlarmsDeps) {
    this.#deps = deps;
  }

  listen(listener: (alarm: MappingAlarm) => void): void {
    this.#listeners.push(listener);
  }

  raise(name: string, finding: Finding): void {
    const { id, mapping, kind, columns, sinceMs, foundMs, evidence } = finding;
    const { hash, log, audit, webhook } = this.#deps;
    const alarm = { mapping, name, finding: id, kind, columns, sinceMs, foundMs };
    log.warn({ ...alarm }, "a mapped table was changed behind our back");
    for (const listener of this.#listeners) listener(alarm);
    const evidenceHash = formatHex(hash(Buffer.from(evidence)));
    const event = {
      ...({ category: "data", actor: "hub", action: "mapping.finding", result: "done" } as const),
      ...{ target: name, after: { ...alarm, evidenceHash }, detail: kind },
    };
    this.#then(() => audit.record(event));
    if (webhook !== undefined) this.#then(() => this.#call(webhook, alarm));
  }

  async stop(): Promise<void> {
    await this.#work;
  }

  /** One after the other; a failure is told and stops nothing. */
  #then(work: () => Promise<unknown>): void {
    this.#work = this.#work.then(work).catch((thrown: unknown) => {
      this.#deps.log.error({ err: thrown }, "an alarm did not get through");
    });
  }

  async #call(url: string, alarm: MappingAlarm): Promise<void> {
    const init = {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ event: "mapping.finding", ...alarm }),
    };
    for (let left = WEBHOOK_TRIES; ; left--) {
      try {
        const signal = AbortSignal.timeout(WEBHOOK_TIMEOUT_MS);
        const { ok, status } = await this.#deps.fetch(url, { ...init, signal });
        if (ok) return;
        throw new Error(`the webhook answered ${status}`);
      } catch (thrown) {
        if (left <= 1) throw thrown;
      }
    }
  }
}
