import { readVote, type Vote, writeVote } from "../ledger/vote.ts";
import { openMessage, startMessage } from "./envelope.ts";
import { messageType } from "./numbers.ts";

const MAX_BYTES = 160;

/** A validator saw a quorum of PREPAREs. Its signature is part of the block's seal: `[version, 3, height, round, from, blockHash, signature]`. */
export function encodeCommit(vote: Vote): Uint8Array {
  return writeVote(startMessage(messageType.commit, 7, MAX_BYTES), vote).finish();
}

/** @throws Fault CBOR_* */
export function decodeCommit(encoded: Uint8Array): Vote {
  const shape = { name: "commit", type: messageType.commit, items: 7, maxBytes: MAX_BYTES };
  const reader = openMessage(encoded, shape);
  const vote = readVote(reader);
  reader.end();
  return vote;
}
