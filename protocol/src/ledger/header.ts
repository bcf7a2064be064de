import { CborReader } from "../cbor/reader.ts";
import { CborWriter } from "../cbor/writer.ts";
import type { Hash } from "../crypto/suite.ts";
import { Fault } from "../faults.ts";

const VERSION = 1;
const MAX_HEADER_BYTES = 512;

/**
 * A block's header. Seals stand beside it, and neither they nor the round in which the block was
 * decided are hashed: a block that is proposed again in a later round keeps its hash.
 */
export interface Header {
  readonly height: number;
  readonly timeMs: number;
  readonly parentHash: Uint8Array;
  /** RFC 6962 root over the transactions. */
  readonly txRoot: Uint8Array;
  /** Root of the state after this block: executed before anybody votes. */
  readonly stateRoot: Uint8Array;
  /** The set that seals this block. */
  readonly validatorsHash: Uint8Array;
  /** The set that seals the next. */
  readonly nextValidatorsHash: Uint8Array;
  /** Index in the set of the validator that first proposed it. */
  readonly proposer: number;
  /** Round in which it was first proposed. */
  readonly round: number;
  readonly txCount: number;
}

export function encodeHeader(header: Header): Uint8Array {
  return new CborWriter(240)
    .array(11)
    .uint(VERSION)
    .uint(header.height)
    .uint(header.timeMs)
    .bytes(header.parentHash)
    .bytes(header.txRoot)
    .bytes(header.stateRoot)
    .bytes(header.validatorsHash)
    .bytes(header.nextValidatorsHash)
    .uint(header.proposer)
    .uint(header.round)
    .uint(header.txCount)
    .finish();
}

/** @throws Fault CBOR_*, BLOCK_INVALID */
export function decodeHeader(encoded: Uint8Array): Header {
  const reader = new CborReader(encoded, MAX_HEADER_BYTES);
  reader.tuple("header", 11);
  const version = reader.uint("version");
  if (version !== VERSION) throw new Fault("BLOCK_INVALID", `header version ${version}`);
  const header: Header = {
    height: reader.uint("height"),
    timeMs: reader.uint("timeMs"),
    parentHash: reader.fixedBytes("parentHash", 32),
    txRoot: reader.fixedBytes("txRoot", 32),
    stateRoot: reader.fixedBytes("stateRoot", 32),
    validatorsHash: reader.fixedBytes("validatorsHash", 32),
    nextValidatorsHash: reader.fixedBytes("nextValidatorsHash", 32),
    proposer: reader.uint("proposer", 65_535),
    round: reader.uint("round", 0xffff_ffff),
    txCount: reader.uint("txCount", 65_536),
  };
  reader.end();
  return header;
}

export function headerHash(hash: Hash, encodedHeader: Uint8Array): Uint8Array {
  return hash(encodedHeader);
}
