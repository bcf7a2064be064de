import { CborReader } from "../cbor/reader.ts";
import { CborWriter } from "../cbor/writer.ts";
import { Fault } from "../faults.ts";
import { readVote, type Vote, writeVote } from "../ledger/vote.ts";
import { MESSAGE_VERSION, messageType } from "./numbers.ts";

const MAX_BYTES = 160;

/** A validator accepts the proposal of a round: `[version, 2, height, round, from, blockHash, signature]`. */
export function encodePrepare(vote: Vote): Uint8Array {
  const writer = new CborWriter(MAX_BYTES).array(7).uint(MESSAGE_VERSION);
  return writeVote(writer.uint(messageType.prepare), vote).finish();
}

/** @throws Fault CBOR_* */
export function decodePrepare(encoded: Uint8Array): Vote {
  const reader = new CborReader(encoded, MAX_BYTES);
  reader.tuple("prepare", 7);
  reader.uint("version", MESSAGE_VERSION);
  if (reader.uint("type") !== messageType.prepare) throw new Fault("CBOR_SHAPE", "not a prepare");
  const vote = readVote(reader);
  reader.end();
  return vote;
}
