import type { Hash } from "@gridledger/protocol/crypto/suite";
import { Fault } from "@gridledger/protocol/faults";
import { equalBytes } from "@gridledger/protocol/hex";
import { decodeMappingAnchor } from "@gridledger/protocol/ledger/mapping-anchor";
import { MerkleTree } from "@gridledger/protocol/merkle/tree";
import type { BatchTable } from "./tables/batch-table.ts";

const HASH_BYTES = 32;
/** A batch of 4,096 rows takes 128 KiB. */
const MAX_KEPT = 64;

/** Leaf hashes of batches, checked against the root that was anchored before one is believed. */
export class BatchLeaves {
  readonly #hash: Hash;
  readonly #batches: Pick<BatchTable, "leavesOf">;
  /** The least recently used first. */
  readonly #kept = new Map<string, readonly Uint8Array[]>();

  constructor(hash: Hash, batches: Pick<BatchTable, "leavesOf">) {
    this.#hash = hash;
    this.#batches = batches;
  }

  /** @throws Fault STORE_CORRUPT */
  async of(mapping: string, batch: number): Promise<readonly Uint8Array[]> {
    const name = `${mapping}.${batch}`;
    const leaves = this.#kept.get(name) ?? (await this.#load(mapping, batch));
    this.#kept.delete(name);
    this.#kept.set(name, leaves);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > MAX_KEPT && oldest !== undefined) this.#kept.delete(oldest);
    return leaves;
  }

  async #load(mapping: string, batch: number): Promise<readonly Uint8Array[]> {
    const stored = await this.#batches.leavesOf(mapping, batch);
    const leaves = stored === undefined ? [] : leafList(stored.leaves);
    const root = stored && decodeMappingAnchor(stored.payload).root;
    if (root === undefined || !equalBytes(new MerkleTree(this.#hash, leaves).root, root)) {
      throw new Fault("STORE_CORRUPT", `batch ${batch} of mapping ${mapping} is damaged`);
    }
    return leaves;
  }
}

function leafList(bytes: Uint8Array): Uint8Array[] {
  const count = bytes.length / HASH_BYTES;
  return Array.from({ length: count }, (_, at) =>
    bytes.subarray(at * HASH_BYTES, (at + 1) * HASH_BYTES),
  );
}
