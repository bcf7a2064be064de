import { openMessage, startMessage } from "./envelope.ts";
import { messageType } from "./numbers.ts";
import { MAX_MESSAGE_BYTES } from "./transactions.ts";

const MAX_HASHES = 8_192;

/** Asks a node for the bodies of proposed transactions: `[version, 10, [txHash …]]`. */
export function encodeGetTransactions(txHashes: readonly Uint8Array[]): Uint8Array {
  const writer = startMessage(messageType.getTransactions, 3, 16 + txHashes.length * 34).array(
    txHashes.length,
  );
  for (const txHash of txHashes) writer.bytes(txHash);
  return writer.finish();
}

/** @throws Fault CBOR_* */
export function decodeGetTransactions(encoded: Uint8Array): Uint8Array[] {
  const reader = openMessage(encoded, {
    name: "getTransactions",
    type: messageType.getTransactions,
    items: 3,
    maxBytes: MAX_MESSAGE_BYTES,
  });
  const txHashes: Uint8Array[] = [];
  for (let left = reader.array("txHashes", MAX_HASHES); left > 0; left--) {
    txHashes.push(reader.fixedBytes("txHash", 32));
  }
  reader.end();
  return txHashes;
}
