import type { CborReader } from "../cbor/reader.ts";
import { MAX_ROUND, MAX_VALIDATOR_INDEX } from "../ledger/vote.ts";
import { type PreparedCertificate, readPrepared, writePrepared } from "./certificate.ts";
import { openMessage, startMessage } from "./envelope.ts";
import { messageType } from "./numbers.ts";
import { type NamedBlock, readNamedBlock, writeNamedBlock } from "./proposal.ts";
import { MAX_MESSAGE_BYTES } from "./transactions.ts";

/**
 * A validator gives up on the rounds below `round` and says what it prepared before:
 * `[version, 4, height, round, from, prepared | null, [header, txHashes] | null, signature]`. Signed are
 * round and hash of `prepared`; the block is bound by that hash and lets a proposer that never saw it
 * propose it again.
 */
export interface RoundChange {
  readonly height: number;
  readonly round: number;
  readonly from: number;
  readonly prepared: PreparedCertificate | null;
  readonly block: NamedBlock | null;
  readonly signature: Uint8Array;
}

export function encodeRoundChange(message: RoundChange): Uint8Array {
  const initialBytes = 256 + (message.block?.txHashes.length ?? 0) * 32;
  const writer = startMessage(messageType.roundChange, 8, initialBytes);
  writer.uint(message.height).uint(message.round).uint(message.from);
  writePrepared(writer, message.prepared);
  if (message.block === null) writer.null();
  else writeNamedBlock(writer.array(2), message.block);
  return writer.bytes(message.signature).finish();
}

/** @throws Fault CBOR_*, SEAL_INVALID */
export function decodeRoundChange(encoded: Uint8Array): RoundChange {
  const shape = {
    name: "roundChange",
    type: messageType.roundChange,
    items: 8,
    maxBytes: MAX_MESSAGE_BYTES,
  };
  const reader = openMessage(encoded, shape);
  const height = reader.uint("height");
  const round = reader.uint("round", MAX_ROUND);
  const from = reader.uint("from", MAX_VALIDATOR_INDEX);
  const prepared = readPrepared(reader);
  const block = readOptionalBlock(reader);
  const signature = reader.fixedBytes("signature", 64);
  reader.end();
  return { height, round, from, prepared, block, signature };
}

function readOptionalBlock(reader: CborReader): NamedBlock | null {
  if (reader.isNull) {
    reader.null("block");
    return null;
  }
  reader.tuple("block", 2);
  return readNamedBlock(reader);
}
