const WINDOW_MS = 60_000;

interface Sample {
  readonly atMs: number;
  readonly transactions: number;
  readonly readings: number;
}

/** Blocks, transactions and readings of the last 60 s. */
export class ChainRates {
  #samples: Sample[] = [];

  note(nowMs: number, transactions: number, readings: number): void {
    this.#forget(nowMs);
    this.#samples.push({ atMs: nowMs, transactions, readings });
  }

  at(nowMs: number): {
    blockIntervalMs: number | null;
    transactionsPerSecond: number;
    readingsPerSecond: number;
  } {
    this.#forget(nowMs);
    let transactions = 0;
    let readings = 0;
    for (const sample of this.#samples) {
      transactions += sample.transactions;
      readings += sample.readings;
    }
    const [first] = this.#samples;
    const last = this.#samples.at(-1);
    const gaps = this.#samples.length - 1;
    const seconds = WINDOW_MS / 1_000;
    return {
      blockIntervalMs: first && last && gaps > 0 ? (last.atMs - first.atMs) / gaps : null,
      transactionsPerSecond: transactions / seconds,
      readingsPerSecond: readings / seconds,
    };
  }

  #forget(nowMs: number): void {
    const keep = this.#samples.findIndex((sample) => sample.atMs > nowMs - WINDOW_MS);
    if (keep === -1) this.#samples = [];
    else if (keep > 0) this.#samples = this.#samples.slice(keep);
  }
}
