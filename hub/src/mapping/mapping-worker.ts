import { asFault, type FaultCode } from "@gridledger/protocol/faults";
import type { Clock } from "../clock.ts";
import type { Log } from "../log.ts";
import { Mapper } from "./mapper.ts";
import type { MappingParts } from "./mapping-parts.ts";
import { Sweeper } from "./sweeper.ts";

const IDLE_MS = 500;
/** After a database was away. */
const RETRY_MS = 5_000;
/** Nothing is tried again after these until somebody says so. */
const PAUSING: ReadonlySet<FaultCode> = new Set([
  ...(["MAPPING_SCHEMA", "MAPPING_KEY", "ROW_VALUE", "ROW_TOO_LARGE"] as const),
]);

interface WorkerDeps {
  readonly parts: MappingParts;
  readonly clock: Clock;
  readonly log: Log;
  /** Stands still from now on. */
  readonly pause: (code: string, detail: string) => Promise<void>;
  readonly isPaused: () => boolean;
  readonly anchor: () => Promise<void>;
}

/** Runs and sweeps of one mapping, one thing at a time, as its budget says. */
export class MappingWorker {
  readonly #deps: WorkerDeps;
  readonly #mapper: Mapper;
  readonly #sweeper: Sweeper;
  #cancel: () => void = () => {};
  #queue: Promise<unknown> = Promise.resolve();
  #isStopped = false;
  #retryMs = 0;
  /** Why the last step failed; null while all is well. */
  trouble: { readonly code: string; readonly detail: string } | null = null;

  /** Whether the database would let the account change the table; null before it was asked. */
  accountMayWrite: boolean | null = null;

  constructor(deps: WorkerDeps) {
    this.#deps = deps;
    this.#mapper = new Mapper(deps.parts);
    this.#sweeper = new Sweeper(deps.parts);
  }

  start(): void {
    this.#soon(0);
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#cancel();
    await this.#queue;
  }

  /** Takes lawful news now. @throws Fault DATABASE_*, MAPPING_*, ROW_* @returns rows taken */
  run(): Promise<number> {
    return this.#alone(() => this.#guarded(() => this.#run()));
  }

  /** Looks at every row now. @throws Fault DATABASE_*, MAPPING_*, ROW_* */
  async sweep(): Promise<void> {
    while (!this.#isStopped) {
      const isDone = await this.#alone(() => this.#guarded(() => this.#sweeper.step()));
      if (isDone) return;
    }
  }

  /** Random rows now. */
  sample(rows: number): Promise<void> {
    return this.#alone(() => this.#guarded(() => this.#sweeper.sample(rows)));
  }

  /** Least rights: the session only reads, but a right that is not there cannot be misused either. */
  async checkRights(): Promise<void> {
    const { parts, log } = this.#deps;
    const before = this.accountMayWrite;
    this.accountMayWrite = await parts.source.mayWrite();
    if (!this.accountMayWrite || before) return;
    const { database, mapped } = parts.definition;
    const fields = { mapping: parts.id, database, table: mapped.name };
    log.warn(fields, "the account may change the mapped table: give it the right to read alone");
  }

  async #run(): Promise<number> {
    const { parts, anchor } = this.#deps;
    await parts.source.checkSchema();
    await parts.source.checkKeys();
    await this.checkRights();
    const taken = await this.#mapper.run();
    void anchor();
    return taken;
  }

  #soon(ms: number): void {
    if (this.#isStopped) return;
    this.#cancel = this.#deps.clock.after(ms, () => {
      this.#alone(() => this.#tick()).then(
        (isBusy) => this.#soon(isBusy ? 0 : IDLE_MS),
        () => this.#soon(IDLE_MS),
      );
    });
  }

  /** What is due: news first, then a page of the sweep. @returns true when there is more to do at once */
  async #tick(): Promise<boolean> {
    const { parts, clock, isPaused } = this.#deps;
    const now = clock.now();
    if (this.#isStopped || isPaused() || now < this.#retryMs) return false;
    const { budget } = parts;
    const { lastRunMs, lastSweepMs, sweep } = parts.progress();
    if (lastRunMs === null || now - lastRunMs >= budget.runEveryMs) {
      await this.#guarded(async () => {
        await this.#run();
        await this.#sweeper.sample(budget.sampleRows);
      });
      return true;
    }
    const sinceMs = lastSweepMs ?? lastRunMs;
    if (sweep === null && now - sinceMs < budget.sweepEveryMs) return false;
    return !(await this.#guarded(() => this.#sweeper.step()));
  }

  async #guarded<Answer>(work: () => Promise<Answer>): Promise<Answer> {
    const { log, parts, clock, pause } = this.#deps;
    try {
      const answer = await work();
      this.trouble = null;
      return answer;
    } catch (thrown) {
      const { code, message } = asFault(thrown);
      this.trouble = { code, detail: message };
      this.#retryMs = clock.now() + RETRY_MS;
      log.warn({ mapping: parts.id, code, detail: message }, "a mapping does not go on");
      if (code === "INTERNAL") log.error({ err: thrown }, "a mapping failed");
      const cause = await this.#causeOf(thrown);
      if (PAUSING.has(cause.code)) await pause(cause.code, cause.message);
      throw cause;
    }
  }

  /** A statement that is refused because a column is gone is a schema that has changed. */
  async #causeOf(thrown: unknown) {
    const fault = asFault(thrown);
    if (fault.code !== "DATABASE_REFUSED") return fault;
    try {
      await this.#deps.parts.source.checkSchema();
      return fault;
    } catch (again) {
      return asFault(again);
    }
  }

  #alone<Answer>(work: () => Promise<Answer>): Promise<Answer> {
    const done = this.#queue.then(work);
    this.#queue = done.catch(() => undefined);
    return done;
  }
}
