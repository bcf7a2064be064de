import { CborReader } from "../cbor/reader.ts";
import { CborWriter } from "../cbor/writer.ts";
import { Fault } from "../faults.ts";
import { decodeHeader, type Header, MAX_HEADER_BYTES } from "../ledger/header.ts";
import { MAX_ROUND, MAX_VALIDATOR_INDEX, type PreparedClaim } from "../ledger/vote.ts";
import { type PreparedCertificate, readPrepared, writePrepared } from "./certificate.ts";
import { openMessage, startMessage } from "./envelope.ts";
import { messageType } from "./numbers.ts";
import { MAX_MESSAGE_BYTES } from "./transactions.ts";

const HASH_BYTES = 32;
/** 512 KiB of message carry no more hashes than this. */
const MAX_HASHES = 16_384;
/** Round changes and certificate of 128 validators are 24 KB. */
export const MAX_JUSTIFICATION_BYTES = 32_768;

/** A block by the names of its transactions; their bodies travel on the transaction topics. */
export interface NamedBlock {
  readonly encodedHeader: Uint8Array;
  readonly txHashes: readonly Uint8Array[];
}

/** One signed round change inside a justification. */
export interface RoundChangeClaim {
  readonly from: number;
  readonly prepared: PreparedClaim | null;
  readonly signature: Uint8Array;
}

/** Why a proposal of a later round is legitimate: a quorum asked for it, and this is what was prepared. */
export interface Justification {
  /** Ascending by validator index. */
  readonly roundChanges: readonly RoundChangeClaim[];
  /** The certificate of the highest prepared claim. */
  readonly prepared: PreparedCertificate | null;
}

/**
 * The block a proposer puts to the vote in a round:
 * `[version, 1, height, round, from, header, txHashes, justification | null, signature]`. The hashes are
 * one byte string of 32 bytes each.
 */
export interface Proposal extends NamedBlock {
  readonly height: number;
  readonly round: number;
  readonly from: number;
  readonly header: Header;
  readonly justification: Justification | null;
  /** As on the wire: its hash is signed. */
  readonly encodedJustification: Uint8Array;
  readonly signature: Uint8Array;
}

export function encodeProposal(proposal: Omit<Proposal, "header" | "justification">): Uint8Array {
  const { txHashes, encodedHeader, encodedJustification } = proposal;
  const initialBytes = 640 + txHashes.length * HASH_BYTES + encodedJustification.length;
  const writer = startMessage(messageType.proposal, 9, initialBytes);
  writer.uint(proposal.height).uint(proposal.round).uint(proposal.from);
  writeNamedBlock(writer, { encodedHeader, txHashes });
  return writer.raw(encodedJustification).bytes(proposal.signature).finish();
}

/** @throws Fault CBOR_*, SEAL_INVALID, BLOCK_INVALID */
export function decodeProposal(encoded: Uint8Array): Proposal {
  const shape = {
    name: "proposal",
    type: messageType.proposal,
    items: 9,
    maxBytes: MAX_MESSAGE_BYTES,
  };
  const reader = openMessage(encoded, shape);
  const height = reader.uint("height");
  const round = reader.uint("round", MAX_ROUND);
  const from = reader.uint("from", MAX_VALIDATOR_INDEX);
  const block = readNamedBlock(reader);
  const encodedJustification = reader.raw("justification");
  const signature = reader.fixedBytes("signature", 64);
  reader.end();
  const header = decodeHeader(block.encodedHeader);
  if (header.txCount !== block.txHashes.length) {
    throw new Fault("CBOR_SHAPE", "txHashes are not as many as the header's txCount");
  }
  const justification = decodeJustification(encodedJustification);
  return { height, round, from, header, ...block, justification, encodedJustification, signature };
}

export function encodeJustification(justification: Justification | null): Uint8Array {
  const writer = new CborWriter(256);
  if (justification === null) return writer.null().finish();
  writer.array(2).array(justification.roundChanges.length);
  for (const { from, prepared, signature } of justification.roundChanges) {
    writer.array(3).uint(from);
    if (prepared === null) writer.null();
    else writer.array(2).uint(prepared.round).bytes(prepared.blockHash);
    writer.bytes(signature);
  }
  return writePrepared(writer, justification.prepared).finish();
}

/** @throws Fault CBOR_*, SEAL_INVALID */
export function decodeJustification(encoded: Uint8Array): Justification | null {
  const reader = new CborReader(encoded, MAX_JUSTIFICATION_BYTES);
  if (reader.isNull) return null;
  reader.tuple("justification", 2);
  const roundChanges: RoundChangeClaim[] = [];
  let last = -1;
  for (let left = reader.array("roundChanges", MAX_VALIDATOR_INDEX + 1); left > 0; left--) {
    const claim = readClaim(reader);
    if (claim.from <= last) throw new Fault("CBOR_SHAPE", "round changes must ascend");
    last = claim.from;
    roundChanges.push(claim);
  }
  const prepared = readPrepared(reader);
  reader.end();
  return { roundChanges, prepared };
}

function readClaim(reader: CborReader): RoundChangeClaim {
  reader.tuple("roundChange", 3);
  const from = reader.uint("from", MAX_VALIDATOR_INDEX);
  const prepared = readPreparedClaim(reader);
  return { from, prepared, signature: reader.fixedBytes("signature", 64) };
}

/** @throws Fault CBOR_* */
export function readPreparedClaim(reader: CborReader): PreparedClaim | null {
  if (reader.isNull) {
    reader.null("prepared");
    return null;
  }
  reader.tuple("prepared", 2);
  return {
    round: reader.uint("preparedRound", MAX_ROUND),
    blockHash: reader.fixedBytes("preparedHash", HASH_BYTES),
  };
}

/** Writes two items: header and transaction hashes. */
export function writeNamedBlock(writer: CborWriter, block: NamedBlock): CborWriter {
  return writeTxHashes(writer.bytes(block.encodedHeader), block.txHashes);
}

/** @throws Fault CBOR_* */
export function readNamedBlock(reader: CborReader): NamedBlock {
  const encodedHeader = reader.bytes("header", MAX_HEADER_BYTES);
  return { encodedHeader, txHashes: readTxHashes(reader, MAX_HASHES) };
}

/** Writes one item: hashes of 32 bytes each, one behind the other. */
export function writeTxHashes(writer: CborWriter, txHashes: readonly Uint8Array[]): CborWriter {
  const hashes = new Uint8Array(txHashes.length * HASH_BYTES);
  for (const [i, txHash] of txHashes.entries()) hashes.set(txHash, i * HASH_BYTES);
  return writer.bytes(hashes);
}

/** @throws Fault CBOR_* */
export function readTxHashes(reader: CborReader, most: number): Uint8Array[] {
  const hashes = reader.bytes("txHashes", most * HASH_BYTES);
  if (hashes.length % HASH_BYTES !== 0) throw new Fault("CBOR_SHAPE", "txHashes is cut short");
  const txHashes: Uint8Array[] = [];
  for (let at = 0; at < hashes.length; at += HASH_BYTES) {
    txHashes.push(hashes.subarray(at, at + HASH_BYTES));
  }
  return txHashes;
}
