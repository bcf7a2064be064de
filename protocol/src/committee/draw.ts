import type { Hash } from "../crypto/suite.ts";

const DRAW_BYTES = 6;
const SPACE = 2 ** (8 * DRAW_BYTES);

interface Ticket {
  /** A whole number; 0 is never drawn. */
  readonly weight: number;
}

/** Numbers that everybody gets from the same seed: the hash of seed and counter, six bytes each. */
class HashStream {
  readonly #hash: Hash;
  readonly #seed: Uint8Array;
  #counter = 0;

  constructor(hash: Hash, seed: Uint8Array) {
    this.#hash = hash;
    this.#seed = seed;
  }

  /** Uniform below `bound`: what would favour the small numbers is thrown away. */
  below(bound: number): number {
    const limit = SPACE - (SPACE % bound);
    for (;;) {
      const number = this.#next();
      if (number < limit) return number % bound;
    }
  }

  #next(): number {
    const counter = Buffer.alloc(4);
    counter.writeUInt32BE(this.#counter++);
    return Buffer.from(this.#hash(this.#seed, counter)).readUIntBE(0, DRAW_BYTES);
  }
}

/**
 * Draws `seats` of the tickets without putting any back, each with a chance by its weight; all of them
 * where there are no more. Whole numbers only: every machine draws the same.
 *
 * @param tickets in an order that everybody has
 * @param seed of 32 bytes
 */
export function draw<One extends Ticket>(
  hash: Hash,
  seed: Uint8Array,
  tickets: readonly One[],
  seats: number,
): readonly One[] {
  const stream = new HashStream(hash, seed);
  const left = tickets.filter(({ weight }) => weight > 0);
  const drawn: One[] = [];
  while (drawn.length < seats && left.length > 0) {
    let at = stream.below(left.reduce((sum, { weight }) => sum + weight, 0));
    const index = left.findIndex(({ weight }) => {
      at -= weight;
      return at < 0;
    });
    drawn.push(...left.splice(index, 1));
  }
  return drawn;
}
