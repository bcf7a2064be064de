import { CborReader } from "../cbor/reader.ts";
import { CborWriter } from "../cbor/writer.ts";
import { Fault } from "../faults.ts";

/** The name in a genesis, and in a vote on the engine. */
export const COMMITTEE = "committee";
const MAX_SEATS = 64;
const MAX_EPOCH_BLOCKS = 1_000_000;

/** How a `committee` channel draws its committees: the engine's parameters (docs/consensus.md). */
export interface CommitteeParameters {
  /** Gateways that seal the blocks of an epoch; all of them, where there are no more. */
  readonly seats: number;
  /** A new committee is drawn after so many blocks. Blocks, not time: an idle chain draws none. */
  readonly epochBlocks: number;
}

export function encodeCommitteeParameters(parameters: CommitteeParameters): Uint8Array {
  return new CborWriter(16).array(2).uint(parameters.seats).uint(parameters.epochBlocks).finish();
}

/** @throws Fault GENESIS_INVALID for what no chain can run on */
export function decodeCommitteeParameters(encoded: Uint8Array | undefined): CommitteeParameters {
  if (encoded === undefined || encoded.length === 0) {
    throw new Fault("GENESIS_INVALID", "committee needs engine parameters");
  }
  const reader = new CborReader(encoded);
  reader.tuple("committee parameters", 2);
  const seats = reader.uint("seats", MAX_SEATS);
  const epochBlocks = reader.uint("epochBlocks", MAX_EPOCH_BLOCKS);
  reader.end();
  if (seats === 0 || epochBlocks === 0) {
    throw new Fault("GENESIS_INVALID", "a committee needs a seat and an epoch a block");
  }
  return { seats, epochBlocks };
}
