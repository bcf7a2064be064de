import { MAX_HEADER_BYTES } from "../ledger/header.ts";
import { openMessage, startMessage } from "./envelope.ts";
import { messageType } from "./numbers.ts";
import { MAX_MESSAGE_BYTES } from "./transactions.ts";

const MAX_TRANSACTIONS = 65_536;

/**
 * A block of a `pow` chain as its miner found it: `[version, 20, header, signature, [txHash …]]`. Any
 * validator may pass it on. Bodies travel on the transaction topics.
 */
export interface MinedBlock {
  readonly encodedHeader: Uint8Array;
  /** By the validator that the header names as its proposer, over `minedPreimage`. */
  readonly signature: Uint8Array;
  readonly txHashes: readonly Uint8Array[];
}

export function encodeMinedBlock({ encodedHeader, signature, txHashes }: MinedBlock): Uint8Array {
  const writer = startMessage(messageType.minedBlock, 5, 640 + txHashes.length * 34);
  writer.bytes(encodedHeader).bytes(signature).array(txHashes.length);
  for (const txHash of txHashes) writer.bytes(txHash);
  return writer.finish();
}

/** @throws Fault CBOR_* */
export function decodeMinedBlock(encoded: Uint8Array): MinedBlock {
  const reader = openMessage(encoded, {
    name: "minedBlock",
    type: messageType.minedBlock,
    items: 5,
    maxBytes: MAX_MESSAGE_BYTES,
  });
  const encodedHeader = reader.bytes("header", MAX_HEADER_BYTES);
  const signature = reader.fixedBytes("signature", 64);
  const txHashes: Uint8Array[] = [];
  for (let left = reader.array("txHashes", MAX_TRANSACTIONS); left > 0; left--) {
    txHashes.push(reader.fixedBytes("txHash", 32));
  }
  reader.end();
  return { encodedHeader, signature, txHashes };
}
