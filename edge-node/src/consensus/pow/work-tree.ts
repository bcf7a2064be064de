import { readWork } from "@gridledger/protocol/ledger/work";
import type { ProposedBlock } from "../ports.ts";

/** Bytes as a map key. */
export function hashKey(hash: Uint8Array): string {
  return Buffer.from(hash.buffer, hash.byteOffset, hash.byteLength).toString("latin1");
}

/** A block with its miner's signature. */
export interface SignedBlock {
  readonly block: ProposedBlock;
  readonly signature: Uint8Array;
}

export interface WorkNode extends SignedBlock {
  readonly key: string;
  readonly parent: string;
  readonly height: number;
  /** Of this block and all before it, as far as this engine has counted. */
  readonly totalWork: bigint;
}

/** The blocks above the last final one that were executed, and which of them is the tip. */
export class WorkTree {
  /** Parents stand before what follows them, and what came first before what came later. */
  readonly #nodes = new Map<string, WorkNode>();
  #root = { key: "", height: 0, totalWork: 0n };
  #best: WorkNode | undefined;

  /** Height of the last final block. */
  get rootHeight(): number {
    return this.#root.height;
  }

  get rootKey(): string {
    return this.#root.key;
  }

  get rootWork(): bigint {
    return this.#root.totalWork;
  }

  get size(): number {
    return this.#nodes.size;
  }

  /** The tip: most work, and of equals the one that came first. Undefined where it is the root. */
  get best(): WorkNode | undefined {
    return this.#best;
  }

  get bestWork(): bigint {
    return this.#best?.totalWork ?? this.#root.totalWork;
  }

  get nodes(): Iterable<WorkNode> {
    return this.#nodes.values();
  }

  has(key: string): boolean {
    return key === this.#root.key || this.#nodes.has(key);
  }

  get(key: string): WorkNode | undefined {
    return this.#nodes.get(key);
  }

  /** Adds a block whose parent is here. */
  attach({ block, signature }: SignedBlock): WorkNode {
    const { header } = block;
    const parent = hashKey(header.parentHash);
    const before = this.#nodes.get(parent)?.totalWork ?? this.#root.totalWork;
    const totalWork = before + BigInt(readWork(header).difficulty);
    const key = hashKey(block.blockHash);
    const node = { block, signature, key, parent, height: header.height, totalWork };
    this.#nodes.set(key, node);
    if (totalWork > this.bestWork) this.#best = node;
    return node;
  }

  /** From the lowest above the root to the node. */
  pathTo(node: WorkNode): WorkNode[] {
    const path: WorkNode[] = [];
    for (let at: WorkNode | undefined = node; at !== undefined; at = this.#nodes.get(at.parent)) {
      path.push(at);
    }
    return path.reverse();
  }

  /** This block is final: only what follows from it stays. */
  setRoot(key: string, height: number): void {
    const totalWork = this.#nodes.get(key)?.totalWork ?? this.#root.totalWork;
    this.#root = { key, height, totalWork };
    const kept = new Set([key]);
    for (const node of this.#nodes.values()) {
      if (kept.has(node.parent)) kept.add(node.key);
      else this.#nodes.delete(node.key);
    }
    if (this.#best !== undefined && this.#nodes.has(this.#best.key)) return;
    this.#best = undefined;
    for (const node of this.#nodes.values()) {
      if (node.totalWork > this.bestWork) this.#best = node;
    }
  }
}
