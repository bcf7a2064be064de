import { readWork } from "@gridledger/protocol/ledger/work";
import { hashKey, type SignedBlock } from "./work-tree.ts";

const MAX_STRANGERS = 256;

/**
 * Blocks that leave the chain below the last final one. They are never ours, however much work is in
 * them; their work is only counted, because a stronger branch means that two sides have each called
 * something final.
 */
export class Strangers {
  readonly #work = new Map<string, bigint>();

  has(key: string): boolean {
    return this.#work.has(key);
  }

  /** The work up to this block, counted from `rootWork` where its parent is not a stranger. */
  add({ block }: SignedBlock, rootWork: bigint): bigint {
    const before = this.#work.get(hashKey(block.header.parentHash)) ?? rootWork;
    const total = before + BigInt(readWork(block.header).difficulty);
    this.#work.set(hashKey(block.blockHash), total);
    for (const oldest of this.#work.keys()) {
      if (this.#work.size <= MAX_STRANGERS) break;
      this.#work.delete(oldest);
    }
    return total;
  }
}
