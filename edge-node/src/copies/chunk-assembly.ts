import { Fault } from "@gridledger/protocol/faults";
import { equalBytes } from "@gridledger/protocol/hex";
import type { CopyPiece } from "@gridledger/protocol/messages/copy-piece";

interface Wanted {
  readonly root: Uint8Array;
  readonly index: number;
  /** Length of the whole chunk. */
  readonly chunkBytes: number;
}

/** One chunk on its way in: its parts come in order, and what comes twice counts once. */
export class ChunkAssembly {
  #wanted: Wanted | undefined;
  #bytes = new Uint8Array(0);
  #filled = 0;

  /**
   * The chunk when it is complete; undefined while parts are missing.
   * @throws Fault OBJECT_CHUNK where a part was left out: the chunk begins again
   */
  take({ root, index, offset, bytes }: CopyPiece, chunkBytes: number): Uint8Array | undefined {
    if (offset === 0) this.#begin({ root: new Uint8Array(root), index, chunkBytes });
    const { isSame } = this.#compare(root, index);
    if (!isSame || offset > this.#filled || offset + bytes.length > this.#bytes.length) {
      this.forget();
      throw new Fault("OBJECT_CHUNK", `part at ${offset} of chunk ${index}: begin the chunk again`);
    }
    this.#bytes.set(bytes, offset);
    this.#filled = Math.max(this.#filled, offset + bytes.length);
    if (this.#filled < chunkBytes) return undefined;
    const whole = this.#bytes;
    this.forget();
    return whole;
  }

  forget(): void {
    this.#wanted = undefined;
    this.#bytes = new Uint8Array(0);
    this.#filled = 0;
  }

  #begin(wanted: Wanted): void {
    const { isSame } = this.#compare(wanted.root, wanted.index);
    if (isSame && this.#bytes.length === wanted.chunkBytes) return;
    this.#wanted = wanted;
    this.#bytes = new Uint8Array(wanted.chunkBytes);
    this.#filled = 0;
  }

  #compare(root: Uint8Array, index: number): { readonly isSame: boolean } {
    const known = this.#wanted;
    return { isSame: known?.index === index && equalBytes(known.root, root) };
  }
}
