import { type FaultCode, faultTable } from "@gridledger/protocol/faults";

const LOG_EVERY_MS = 10_000;

/** Fits pino. */
export interface Log {
  info(data: object, message: string): void;
  warn(data: object, message: string): void;
  error(data: object, message: string): void;
}

interface Tally {
  count: number;
  /** Refusals since the last log line. */
  unlogged: number;
  loggedAtMs: number;
}

/** Counts refusals by code and logs at most one line per code every 10 s, so an attack fills no disk. */
export class Refusals {
  readonly #log: Log;
  readonly #now: () => number;
  readonly #tallies = new Map<FaultCode, Tally>();

  constructor(log: Log, now: () => number) {
    this.#log = log;
    this.#now = now;
  }

  add(code: FaultCode, data: object): void {
    const tally = this.#tally(code);
    tally.count++;
    tally.unlogged++;
    const now = this.#now();
    if (Math.abs(now - tally.loggedAtMs) < LOG_EVERY_MS) return;
    const line = { code, refusals: tally.unlogged, ...data };
    this.#log.warn(line, `broker: ${faultTable[code]?.en ?? code}`);
    tally.unlogged = 0;
    tally.loggedAtMs = now;
  }

  get counts(): Readonly<Partial<Record<FaultCode, number>>> {
    return Object.fromEntries([...this.#tallies].map(([code, { count }]) => [code, count]));
  }

  #tally(code: FaultCode): Tally {
    let tally = this.#tallies.get(code);
    if (tally === undefined) {
      tally = { count: 0, unlogged: 0, loggedAtMs: Number.NEGATIVE_INFINITY };
      this.#tallies.set(code, tally);
    }
    return tally;
  }
}
