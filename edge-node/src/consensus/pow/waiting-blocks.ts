import { hashKey, type SignedBlock } from "./work-tree.ts";

const MAX_WAITING = 64;

export interface WaitingBlock extends SignedBlock {
  readonly key: string;
  readonly parent: string;
  readonly publisher: string;
  /** Bodies that are not here; undefined while the parent is what is missing. */
  missing: readonly Uint8Array[] | undefined;
  /** Somebody was asked since the last look at the clock. */
  isAsked: boolean;
}

/** Blocks with enough work whose parent or bodies are not here yet. Bounded: the oldest leave first. */
export class WaitingBlocks {
  readonly #blocks = new Map<string, WaitingBlock>();

  get size(): number {
    return this.#blocks.size;
  }

  get all(): Iterable<WaitingBlock> {
    return this.#blocks.values();
  }

  get(key: string): WaitingBlock | undefined {
    return this.#blocks.get(key);
  }

  add({ block, signature }: SignedBlock, publisher: string): WaitingBlock {
    const key = hashKey(block.blockHash);
    const known = this.#blocks.get(key);
    if (known !== undefined) return known;
    const parent = hashKey(block.header.parentHash);
    const wait = { missing: undefined, isAsked: false };
    const waiting: WaitingBlock = { block, signature, key, parent, publisher, ...wait };
    this.#blocks.set(key, waiting);
    for (const oldest of this.#blocks.keys()) {
      if (this.#blocks.size <= MAX_WAITING) break;
      this.#blocks.delete(oldest);
    }
    return waiting;
  }

  delete(key: string): void {
    this.#blocks.delete(key);
  }

  childrenOf(key: string): WaitingBlock[] {
    return [...this.#blocks.values()].filter(({ parent }) => parent === key);
  }

  /** What can no longer be above the last final block. */
  dropUpTo(height: number): void {
    for (const { key, block } of this.#blocks.values()) {
      if (block.header.height <= height) this.#blocks.delete(key);
    }
  }
}
