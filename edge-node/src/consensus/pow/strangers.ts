import { readWork } from "@gridledger/protocol/ledger/work";
import { hashKey, type SignedBlock } from "./work-tree.ts";

const MAX_STRANGERS = 256;

/** All blocks that follow from one that left the chain. */
type Branch = object;

interface Stranger {
  readonly work: bigint;
  readonly branch: Branch;
}

/**
 * Blocks that leave the chain below the last final one. They are never ours, however much work is in
 * them; their work is only counted, because a stronger branch means that two sides have each called
 * something final.
 */
export class Strangers {
  readonly #known = new Map<string, Stranger>();
  /** Branches that were found to be stronger. */
  readonly #stronger = new WeakSet<Branch>();

  has(key: string): boolean {
    return this.#known.has(key);
  }

  /**
   * Counts the work up to this block, from `rootWork` where its parent is not a stranger. True when its
   * branch is seen for the first time to have more than `bestWork`.
   */
  add({ block }: SignedBlock, rootWork: bigint, bestWork: bigint): boolean {
    const parent = this.#known.get(hashKey(block.header.parentHash));
    const branch = parent?.branch ?? {};
    const work = (parent?.work ?? rootWork) + BigInt(readWork(block.header).difficulty);
    this.#known.set(hashKey(block.blockHash), { work, branch });
    for (const oldest of this.#known.keys()) {
      if (this.#known.size <= MAX_STRANGERS) break;
      this.#known.delete(oldest);
    }
    if (work <= bestWork || this.#stronger.has(branch)) return false;
    this.#stronger.add(branch);
    return true;
  }
}
