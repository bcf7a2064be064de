import { type Proof, type RowProof, rowProof } from "../api/proof-contract.ts";
import { asFault, Fault } from "../faults.ts";
import { equalBytes, formatHex } from "../hex.ts";
import type { Chain } from "../ledger/genesis.ts";
import { kind } from "../ledger/kinds.ts";
import { decodeMappingAnchor, type MappingAnchor } from "../ledger/mapping-anchor.ts";
import { type Proven, verifyProof } from "../ledger/proof.ts";
import { decodeTransaction } from "../ledger/transaction.ts";
import { verifyPath } from "../merkle/tree.ts";
import type { CanonicalValue } from "./canonical-value.ts";
import {
  decodeMappedTable,
  encodeMappedTable,
  type MappedTable,
  tableFingerprint,
} from "./mapped-table.ts";
import {
  commit,
  decodeRowLeaf,
  decodeValues,
  encodeRowLeaf,
  type LeafKind,
  type RowLeaf,
  rowLeafHash,
} from "./row-leaf.ts";

/** One commitment opened: the whole row's, or a column's. */
interface Shown {
  readonly column: number;
  readonly salt: Uint8Array;
  /** `encodeValues`. */
  readonly values: Uint8Array;
}

interface RowProofParts {
  readonly anchor: Proof;
  readonly table: MappedTable;
  readonly leaf: RowLeaf;
  readonly index: number;
  readonly path: readonly Uint8Array[];
  readonly shown: readonly Shown[];
}

/** What a row proof has shown. */
export interface ProvenRow {
  readonly anchor: Proven;
  readonly mappingId: Uint8Array;
  readonly batch: number;
  readonly table: MappedTable;
  readonly kind: LeafKind;
  /** Of the key columns. */
  readonly key: readonly CanonicalValue[];
  /** By column name; a column that stays hidden is not in it. */
  readonly values: ReadonlyMap<string, CanonicalValue>;
}

/** The proof file of one row. Pure: nothing is verified. */
export function makeRowProof({ anchor, table, leaf, index, path, shown }: RowProofParts): RowProof {
  return {
    format: "gridledger-row-proof/1",
    anchor,
    table: base64url(encodeMappedTable(table)),
    leaf: base64url(encodeRowLeaf(leaf)),
    index,
    path: path.map(formatHex),
    shown: shown.map(({ column, salt, values }) => {
      return { column, salt: formatHex(salt), values: base64url(values) };
    }),
  };
}

/** True where the parsed file is of this kind at all. */
export function isRowProof(file: unknown): boolean {
  return (file as { format?: unknown } | null)?.format === "gridledger-row-proof/1";
}

/**
 * Verifies a row proof against the genesis alone (guide §9.2).
 *
 * Proven: whoever anchors this mapping put a row with this key and these values into this batch, and a
 * quorum made the batch's root final at this height. Not proven: that no later batch of the mapping
 * holds another version of the row.
 *
 * @param file the parsed JSON, of any content
 * @throws Fault PROOF_SHAPE, PROOF_INVALID, SEAL_INVALID, CHAIN_MISMATCH
 */
export function verifyRowProof(chain: Chain, file: unknown): ProvenRow {
  const parsed = rowProof.strict().safeParse(file);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new Fault("PROOF_SHAPE", `${issue?.path.join(".") ?? ""}: ${issue?.message ?? ""}`);
  }
  const proof = parsed.data;
  const proven = verifyProof(chain, proof.anchor);
  if (proven.kind !== kind.mappingAnchor) {
    throw new Fault("PROOF_INVALID", "the transaction anchors no table");
  }
  try {
    const { payload } = decodeTransaction(chain.suite, bytesOf(proof.anchor.transaction));
    return checkRow(chain, proven, decodeMappingAnchor(payload), proof);
  } catch (thrown) {
    const fault = asFault(thrown);
    if (!fault.code.startsWith("CBOR_")) throw fault;
    throw new Fault("PROOF_SHAPE", fault.message, { cause: fault });
  }
}

function checkRow(
  { suite: { hash } }: Chain,
  anchor: Proven,
  { mappingId, fingerprint, batch, root, rows }: MappingAnchor,
  proof: RowProof,
): ProvenRow {
  const table = decodeMappedTable(bytesOf(proof.table));
  if (!equalBytes(tableFingerprint(hash, table), fingerprint)) {
    throw new Fault("PROOF_INVALID", "the anchor is of another table");
  }
  const leaf = decodeRowLeaf(bytesOf(proof.leaf));
  const path = proof.path.map((sibling) => Buffer.from(sibling, "hex"));
  const place = { index: proof.index, size: rows };
  if (!verifyPath(hash, root, place, rowLeafHash(hash, leaf), path)) {
    throw new Fault("PROOF_INVALID", `the row is not in batch ${batch}`);
  }
  const values = new Map<string, CanonicalValue>();
  for (const { column, salt, values: text } of proof.shown) {
    const content = bytesOf(text);
    const commitment = leaf.commitments[column];
    const isOpened =
      commitment !== undefined &&
      equalBytes(commit(hash, Buffer.from(salt, "hex"), content), commitment);
    if (!isOpened) throw new Fault("PROOF_INVALID", `column ${column} has other values`);
    const columns = shownColumns(table, leaf.kind, column);
    const found = decodeValues(columns, content);
    columns.forEach(({ name }, index) => {
      values.set(name, found[index] ?? null);
    });
  }
  const key = decodeValues(table.key, leaf.key);
  return { anchor, mappingId, batch, table, kind: leaf.kind, key, values };
}

/** Which columns one commitment stands for. @throws Fault PROOF_INVALID */
function shownColumns({ columns }: MappedTable, leafKind: LeafKind, index: number) {
  if (leafKind === "row") return columns;
  const column = columns[index];
  if (leafKind === "columns" && column !== undefined) return [column];
  throw new Fault("PROOF_INVALID", `the row has no column ${index}`);
}

function base64url(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64url");
}

/** Strict: one value has one text, so that a changed character is always noticed. */
function bytesOf(text: string): Uint8Array {
  const bytes = Buffer.from(text, "base64url");
  if (bytes.toString("base64url") === text) return bytes;
  throw new Fault("PROOF_SHAPE", "not base64url");
}
