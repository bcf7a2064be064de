import { readVote, type Vote, writeVote } from "../ledger/vote.ts";
import { openMessage, startMessage } from "./envelope.ts";
import { messageType } from "./numbers.ts";

const MAX_BYTES = 160;

/** A validator accepts the proposal of a round: `[version, 2, height, round, from, blockHash, signature]`. */
export function encodePrepare(vote: Vote): Uint8Array {
  return writeVote(startMessage(messageType.prepare, 7, MAX_BYTES), vote).finish();
}

/** @throws Fault CBOR_* */
export function decodePrepare(encoded: Uint8Array): Vote {
  const shape = { name: "prepare", type: messageType.prepare, items: 7, maxBytes: MAX_BYTES };
  const reader = openMessage(encoded, shape);
  const vote = readVote(reader);
  reader.end();
  return vote;
}
