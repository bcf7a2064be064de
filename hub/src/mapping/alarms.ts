import type { Hash } from "@gridledger/protocol/crypto/suite";
import { formatHex } from "@gridledger/protocol/hex";
import type { Log } from "../log.ts";
import type { AuditLog } from "../logs/audit-log.ts";
import type { Finding } from "./tables/finding-table.ts";

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
  /** Tells the webhooks that want alarms, each once an id. */
  readonly notify: (type: string, id: string, alarm: MappingAlarm) => Promise<void>;
}

/** Tells of a finding: log, audit log (which freezes the hash of its evidence), console, webhooks. */
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
    const { hash, log, audit, notify } = this.#deps;
    const alarm = { mapping, name, finding: id, kind, columns, sinceMs, foundMs };
    log.warn({ ...alarm }, "a mapped table was changed behind our back");
    for (const listener of this.#listeners) listener(alarm);
    const evidenceHash = formatHex(hash(Buffer.from(evidence)));
    const event = {
      ...({ category: "data", actor: "hub", action: "mapping.finding", result: "done" } as const),
      ...{ target: name, after: { ...alarm, evidenceHash }, detail: kind },
    };
    this.#then(() => audit.record(event));
    this.#then(() => notify("mapping.finding", `${mapping}.${id}`, alarm));
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
}
