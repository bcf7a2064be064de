import { CborReader } from "../cbor/reader.ts";
import { CborWriter } from "../cbor/writer.ts";
import type { Hash } from "../crypto/suite.ts";
import { Fault } from "../faults.ts";

const VERSION = 1;
/** No header is longer; a reader of one refuses more before it looks. */
export const MAX_HEADER_BYTES = 1_024;
const MAX_ENGINE_DATA_BYTES = 512;

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
  /** RFC 6962 root over the receipts of contract transactions; zeros where none ran. */
  readonly receiptRoot: Uint8Array;
  /** Gas that the contracts of this block took (guide §5.2.1). */
  readonly gasUsed: number;
  /** What the consensus engine adds, for example the work of a `pow` block; empty for `poa`. */
  readonly engineData: Uint8Array;
}

/** The last fields of a block in which no contract ran and to which the engine adds nothing. */
export const plainHeader = {
  receiptRoot: new Uint8Array(32),
  gasUsed: 0,
  engineData: new Uint8Array(0),
} as const satisfies Partial<Header>;

export function encodeHeader(header: Header): Uint8Array {
  return new CborWriter(320)
    .array(14)
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
    .bytes(header.receiptRoot)
    .uint(header.gasUsed)
    .bytes(header.engineData)
    .finish();
}

/** @throws Fault CBOR_*, BLOCK_INVALID */
export function decodeHeader(encoded: Uint8Array): Header {
  const reader = new CborReader(encoded, MAX_HEADER_BYTES);
  reader.tuple("header", 14);
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
    receiptRoot: reader.fixedBytes("receiptRoot", 32),
    gasUsed: reader.uint("gasUsed"),
    engineData: reader.bytes("engineData", MAX_ENGINE_DATA_BYTES),
  };
  reader.end();
  return header;
}

export function headerHash(hash: Hash, encodedHeader: Uint8Array): Uint8Array {
  return hash(encodedHeader);
}
