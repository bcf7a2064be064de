import { CborReader } from "../cbor/reader.ts";
import { CborWriter } from "../cbor/writer.ts";
import { Fault } from "../faults.ts";

const MAPPING_ID_BYTES = 10;
const HASH_BYTES = 32;
/** Rows of one batch; its leaves are held together when a path is asked for. */
const MAX_BATCH_ROWS = 65_536;

/**
 * Rows of a mapped table at one time (guide §9.2):
 * `[mappingId, fingerprint, batch, keyRange, root, rows, previousHash]`.
 */
export interface MappingAnchor {
  /** 10 random bytes. */
  readonly mappingId: Uint8Array;
  /** `tableFingerprint` of what is mapped; it never changes under one id. */
  readonly fingerprint: Uint8Array;
  /** 1, 2, 3 … */
  readonly batch: number;
  /** Salted commitment to the first and the last key: keys can be names of people. */
  readonly keyRange: Uint8Array;
  /** Merkle root over the leaves of the rows. */
  readonly root: Uint8Array;
  readonly rows: number;
  /** Hash of the anchor before, zeros before the first. */
  readonly previousHash: Uint8Array;
}

export function encodeMappingAnchor(anchor: MappingAnchor): Uint8Array {
  return new CborWriter(160)
    .array(7)
    .bytes(anchor.mappingId)
    .bytes(anchor.fingerprint)
    .uint(anchor.batch)
    .bytes(anchor.keyRange)
    .bytes(anchor.root)
    .uint(anchor.rows)
    .bytes(anchor.previousHash)
    .finish();
}

/** @throws Fault CBOR_* */
export function decodeMappingAnchor(encoded: Uint8Array): MappingAnchor {
  const reader = new CborReader(encoded);
  reader.tuple("mapping anchor", 7);
  const anchor = {
    mappingId: reader.fixedBytes("mappingId", MAPPING_ID_BYTES),
    fingerprint: reader.fixedBytes("fingerprint", HASH_BYTES),
    batch: reader.uint("batch"),
    keyRange: reader.fixedBytes("keyRange", HASH_BYTES),
    root: reader.fixedBytes("root", HASH_BYTES),
    rows: reader.uint("rows", MAX_BATCH_ROWS),
    previousHash: reader.fixedBytes("previousHash", HASH_BYTES),
  };
  reader.end();
  if (anchor.batch < 1 || anchor.rows < 1) {
    throw new Fault("CBOR_SHAPE", "batches are counted from 1 and hold a row at least");
  }
  return anchor;
}
