import type { SignedBatch } from "../spool/spool.ts";

/** A batch on its way: sent, or about to be, and without a receipt. */
export interface Flight {
  readonly meter: string;
  readonly sequence: number;
  readonly payload: Uint8Array;
  signed: SignedBatch | undefined;
  /** Times sent. */
  sent: number;
  /** When to send it next, Unix ms. */
  nextMs: number;
  /** Times signed since the start. */
  signs: number;
  /** Sign again before sending, as of this chain height. */
  signAtHeight: number | undefined;
  /** One of the transactions signed for it is final, and we do not know which. */
  isStale: boolean;
  /** After how many sends it was said to be final, and the last of them. */
  staleSends: number;
  staleAtSent: number | undefined;
  /** The send after which it was last said to be blocked. */
  toldAtSent: number | undefined;
  /** Refused for a reason that a person has to mend. */
  isBlocked: boolean;
}

/** The batches in flight, by meter and sequence and by the hash of their last transaction. */
export class Flights {
  readonly #byMeter = new Map<string, Map<number, Flight>>();
  readonly #byHash = new Map<string, Flight>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  *[Symbol.iterator](): IterableIterator<Flight> {
    for (const flights of this.#byMeter.values()) yield* flights.values();
  }

  countOf(meter: string): number {
    return this.#byMeter.get(meter)?.size ?? 0;
  }

  withHash(hash: Uint8Array): Flight | undefined {
    return this.#byHash.get(key(hash));
  }

  /** The meter's flight with the lowest sequence. */
  firstOf(meter: string): Flight | undefined {
    return this.#byMeter.get(meter)?.values().next().value;
  }

  /** False once a receipt has landed it. */
  has(flight: Flight): boolean {
    return this.#byMeter.get(flight.meter)?.get(flight.sequence) === flight;
  }

  /** In ascending sequence. */
  add(flight: Flight): void {
    const flights = this.#byMeter.get(flight.meter) ?? new Map<number, Flight>();
    this.#byMeter.set(flight.meter, flights.set(flight.sequence, flight));
    this.#size++;
    if (flight.signed !== undefined) this.#byHash.set(key(flight.signed.hash), flight);
  }

  /** The flight goes on with this transaction; hints about the one before mean nothing any more. */
  setSigned(flight: Flight, signed: SignedBatch): void {
    if (flight.signed !== undefined) this.#byHash.delete(key(flight.signed.hash));
    flight.signed = signed;
    flight.signs++;
    flight.signAtHeight = undefined;
    this.#byHash.set(key(signed.hash), flight);
  }

  /** Lands the meter's flights up to this sequence. */
  removeThrough(meter: string, sequence: number): void {
    const flights = this.#byMeter.get(meter);
    for (const flight of flights?.values() ?? []) {
      if (flight.sequence > sequence) break;
      flights?.delete(flight.sequence);
      this.#size--;
      if (flight.signed !== undefined) this.#byHash.delete(key(flight.signed.hash));
    }
    if (flights?.size === 0) this.#byMeter.delete(meter);
  }
}

function key(hash: Uint8Array): string {
  return Buffer.from(hash.buffer, hash.byteOffset, hash.byteLength).toString("latin1");
}
