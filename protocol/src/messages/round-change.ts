import { CborReader } from "../cbor/reader.ts";
import { CborWriter } from "../cbor/writer.ts";
import { Fault } from "../faults.ts";
import { MAX_ROUND, MAX_VALIDATOR_INDEX } from "../ledger/vote.ts";
import { type PreparedCertificate, readPrepared, writePrepared } from "./certificate.ts";
import { MESSAGE_VERSION, messageType } from "./numbers.ts";
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
  const writer = new CborWriter(256 + (message.block?.txHashes.length ?? 0) * 32).array(8);
  writer.uint(MESSAGE_VERSION).uint(messageType.roundChange);
  writer.uint(message.height).uint(message.round).uint(message.from);
  writePrepared(writer, message.prepared);
  if (message.block === null) writer.null();
  else writeNamedBlock(writer.array(2), message.block);
  return writer.bytes(message.signature).finish();
}

/** @throws Fault CBOR_*, SEAL_INVALID */
export function decodeRoundChange(encoded: Uint8Array): RoundChange {
  const reader = new CborReader(encoded, MAX_MESSAGE_BYTES);
  reader.tuple("roundChange", 8);
  reader.uint("version", MESSAGE_VERSION);
  if (reader.uint("type") !== messageType.roundChange) {
    throw new Fault("CBOR_SHAPE", "not a round change");
  }
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
