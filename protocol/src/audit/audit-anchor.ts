import { CborReader } from "../cbor/reader.ts";
import { CborWriter } from "../cbor/writer.ts";
import type { Hash } from "../crypto/suite.ts";
import { Fault } from "../faults.ts";
import { TAG_BYTES } from "./audit-record.ts";

const HASH_BYTES = 32;
export const AUDIT_SALT_BYTES = 32;
/** Lines of one anchor. */
export const MAX_ANCHOR_LINES = 512;

/**
 * Lines of a hub's audit log (guide §4.5.1), under a salt that the hub keeps:
 * `[firstLine, tags, saltHash, head, previousHash]`.
 */
export interface AuditAnchor {
  /** Sequence number of its first line; 1 in the first anchor. */
  readonly firstLine: number;
  /** `lineTag` of each line, one after the other. */
  readonly tags: Uint8Array;
  /** Hash of the salt. */
  readonly saltHash: Uint8Array;
  /** `headCommitment` of the last line's hash, and so of all lines up to it. */
  readonly head: Uint8Array;
  /** Hash of the anchor before, zeros before the first. */
  readonly previousHash: Uint8Array;
}

export function anchoredLines({ tags }: Pick<AuditAnchor, "tags">): number {
  return tags.length / TAG_BYTES;
}

/** Salted, so that nobody can try what the next line may be. */
export function headCommitment(hash: Hash, salt: Uint8Array, headHash: Uint8Array): Uint8Array {
  const parts = new CborWriter(96).array(3).text("gridledger-audit-head").bytes(salt);
  return hash(parts.bytes(headHash).finish());
}

export function encodeAuditAnchor(anchor: AuditAnchor): Uint8Array {
  return new CborWriter(128 + anchor.tags.length)
    .array(5)
    .uint(anchor.firstLine)
    .bytes(anchor.tags)
    .bytes(anchor.saltHash)
    .bytes(anchor.head)
    .bytes(anchor.previousHash)
    .finish();
}

/** @throws Fault CBOR_* */
export function decodeAuditAnchor(encoded: Uint8Array): AuditAnchor {
  const reader = new CborReader(encoded);
  reader.tuple("audit anchor", 5);
  const anchor = {
    firstLine: reader.uint("firstLine"),
    tags: reader.bytes("tags", MAX_ANCHOR_LINES * TAG_BYTES),
    saltHash: reader.fixedBytes("saltHash", HASH_BYTES),
    head: reader.fixedBytes("head", HASH_BYTES),
    previousHash: reader.fixedBytes("previousHash", HASH_BYTES),
  };
  reader.end();
  if (anchor.firstLine < 1 || anchor.tags.length === 0 || anchor.tags.length % TAG_BYTES !== 0) {
    throw new Fault("CBOR_SHAPE", "lines are counted from 1, and an anchor holds one at least");
  }
  return anchor;
}
