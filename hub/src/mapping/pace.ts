import type { ReadRow } from "./row-reader.ts";

/** Waits as long as reading so many rows may take: the I/O budget (guide §9.4). */
export type Pace = (rows: number) => Promise<void>;

const PAGE_BYTES = 4_194_304;

/** Rows of one question to the database: few where rows are large, and where the budget is small. */
export class PageSize {
  #rows: number;
  readonly #max: number;

  constructor(rowsPerSecond: number) {
    this.#max = Math.max(1, Math.min(1_000, rowsPerSecond));
    this.#rows = Math.min(100, this.#max);
  }

  get rows(): number {
    return this.#rows;
  }

  /** After a page: so that the next takes 4 MiB or less. */
  note(rows: readonly ReadRow[]): void {
    if (rows.length === 0) return;
    const fitting = Math.floor((PAGE_BYTES * rows.length) / bytesOf(rows));
    this.#rows = Math.max(1, Math.min(this.#max, fitting, this.#rows * 4));
  }
}

/** About, of the values. */
export function bytesOf(rows: readonly ReadRow[]): number {
  let bytes = 1;
  for (const { values } of rows) for (const value of values) bytes += value?.length ?? 1;
  return bytes;
}
