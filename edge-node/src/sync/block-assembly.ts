import { Fault } from "@gridledger/protocol/faults";
import { equalBytes } from "@gridledger/protocol/hex";
import type { Blocks } from "@gridledger/protocol/messages/blocks";

/** Header, seal and lengths around a block's transactions. */
const OVERHEAD_BYTES = 1_048_576;

/** Puts the messages of one answer together: whole blocks, or the slices of one large block. */
export class BlockAssembly {
  readonly #maxBytes: number;
  readonly #slices: Uint8Array[] = [];
  #bytes = 0;

  constructor(maxBlockBytes: number) {
    this.#maxBytes = maxBlockBytes + OVERHEAD_BYTES;
  }

  /** The blocks of the answer, or undefined while more is to come. @throws Fault CBOR_SHAPE, CBOR_LIMIT */
  add({ more, blocks }: Blocks): readonly Uint8Array[] | undefined {
    if (!more && this.#slices.length === 0) return blocks;
    const [slice] = blocks;
    if (slice === undefined || blocks.length !== 1 || slice.length === 0) {
      throw new Fault("CBOR_SHAPE", "a part of a block stands alone");
    }
    // A node with several brokers hears each part once from each. Parts of one block never have the
    // same length, whatever the block holds (`BlockServer`), so what is equal is the same part.
    if (more && this.#slices.some((known) => equalBytes(known, slice))) return undefined;
    this.#bytes += slice.length;
    if (this.#bytes > this.#maxBytes) {
      throw new Fault("CBOR_LIMIT", `a block of more than ${this.#maxBytes} bytes`);
    }
    this.#slices.push(Buffer.from(slice));
    return more ? undefined : [Buffer.concat(this.#slices)];
  }
}
