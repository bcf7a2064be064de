import { CborWriter } from "@gridledger/protocol/cbor/writer";
import type { Hash } from "@gridledger/protocol/crypto/suite";
import { formatHex } from "@gridledger/protocol/hex";
import { encodeMappingAnchor } from "@gridledger/protocol/ledger/mapping-anchor";
import { MerkleTree } from "@gridledger/protocol/merkle/tree";
import { type MappedTable, tableFingerprint } from "@gridledger/protocol/rows/mapped-table";
import { commit, type RowLeaf, rowLeafHash } from "@gridledger/protocol/rows/row-leaf";
import type { RowSalts } from "@gridledger/protocol/rows/row-salts";
import type { StoredBatch } from "./tables/batch-table.ts";

const HASH_BYTES = 32;

interface BatchPlace {
  /** Hex. */
  readonly mapping: string;
  readonly batch: number;
  /** Hex, of the anchor before. */
  readonly previousHash: string;
}

interface BatchBuilderDeps {
  readonly hash: Hash;
  readonly salts: RowSalts;
  readonly mapped: MappedTable;
  /** Commitments of a row. */
  readonly width: number;
}

/** A batch of leaves in their order, and the anchor that stands for them on the chain. */
export function buildBatch(
  { hash, salts, mapped, width }: BatchBuilderDeps,
  { mapping, batch, previousHash }: BatchPlace,
  rows: readonly RowLeaf[],
): StoredBatch & { readonly payloadHash: string } {
  const leaves = rows.map((row) => rowLeafHash(hash, row));
  const range = new CborWriter(64).array(2);
  range.bytes(rows[0]!.key).bytes(rows.at(-1)!.key);
  const payload = encodeMappingAnchor({
    mappingId: Buffer.from(mapping, "hex"),
    fingerprint: tableFingerprint(hash, mapped),
    batch,
    keyRange: commit(hash, salts.ofRange(batch), range.finish()),
    root: new MerkleTree(hash, leaves).root,
    rows: rows.length,
    previousHash: Buffer.from(previousHash, "hex"),
  });
  const commitments = Buffer.alloc(rows.length * width * HASH_BYTES);
  rows.forEach((row, at) => {
    row.commitments.forEach((one, column) => {
      commitments.set(one, (at * width + column) * HASH_BYTES);
    });
  });
  const stored = { mapping, batch, payload, leaves: Buffer.concat(leaves), commitments };
  return { ...stored, payloadHash: formatHex(hash(payload)) };
}
