import type { SealedBatch } from "../spool/spool.ts";

/** A meter's sealed batches: which are the spool's to give next. */
interface Range {
  /** Sequence of the next batch to load. */
  next: number;
  /** Sequence of the last batch sealed. */
  last: number;
}

/** Fresh batches kept in memory, so that a bridge that keeps up does not read its spool. */
const MAX_FRESH = 4_096;

/** Meters with batches that are not in flight yet; they take turns. */
export class WaitingMeters {
  readonly #ranges = new Map<string, Range>();
  readonly #fresh = new Map<string, SealedBatch>();

  get isEmpty(): boolean {
    return this.#ranges.size === 0;
  }

  /** How many batches wait. */
  get count(): number {
    let count = 0;
    for (const { next, last } of this.#ranges.values()) count += last - next + 1;
    return count;
  }

  addRange(meter: string, first: number, last: number): void {
    const range = this.#ranges.get(meter);
    if (range === undefined) this.#ranges.set(meter, { next: first, last });
    else range.last = last;
  }

  addFresh(batch: SealedBatch): void {
    this.addRange(batch.meter, batch.sequence, batch.sequence);
    if (this.#fresh.size < MAX_FRESH) this.#fresh.set(freshKey(batch.meter, batch.sequence), batch);
  }

  meters(): string[] {
    return [...this.#ranges.keys()];
  }

  nextOf(meter: string): number | undefined {
    return this.#ranges.get(meter)?.next;
  }

  /** Up to `limit` of the meter's next batches that are in memory. */
  takeFresh(meter: string, limit: number): SealedBatch[] {
    const taken: SealedBatch[] = [];
    const range = this.#ranges.get(meter);
    for (let i = 0; range !== undefined && i < limit; i++) {
      const batch = this.#fresh.get(freshKey(meter, range.next + i));
      if (batch === undefined) break;
      taken.push(batch);
    }
    for (const { sequence } of taken) this.taken(meter, sequence);
    return taken;
  }

  /** The meter's batches up to this one are in flight; the meter goes to the end of the line. */
  taken(meter: string, sequence: number): void {
    const range = this.#ranges.get(meter);
    if (range === undefined || sequence < range.next) return;
    for (let at = range.next; at <= Math.min(sequence, range.last); at++) {
      this.#fresh.delete(freshKey(meter, at));
    }
    this.#ranges.delete(meter);
    range.next = sequence + 1;
    if (range.next <= range.last) this.#ranges.set(meter, range);
  }
}

function freshKey(meter: string, sequence: number): string {
  return `${meter} ${sequence}`;
}
