import { openMessage, startMessage } from "./envelope.ts";
import { messageType } from "./numbers.ts";

/** The broker takes no packet larger than this; senders start a new message before. */
export const MAX_MESSAGE_BYTES = 524_288;
const MAX_TRANSACTIONS = 4_096;

/**
 * Transactions on their way to the mempools, and the answer to `getTransactions`:
 * `[version, 11, [transaction …]]`, each as the bytes that were signed.
 */
export function encodeTransactions(transactions: readonly Uint8Array[]): Uint8Array {
  let bytes = 16;
  for (const transaction of transactions) bytes += transaction.length + 5;
  const writer = startMessage(messageType.transactions, 3, bytes);
  writer.array(transactions.length);
  for (const transaction of transactions) writer.bytes(transaction);
  return writer.finish();
}

/** @throws Fault CBOR_* */
export function decodeTransactions(encoded: Uint8Array): Uint8Array[] {
  const reader = openMessage(encoded, {
    name: "transactions",
    type: messageType.transactions,
    items: 3,
    maxBytes: MAX_MESSAGE_BYTES,
  });
  const transactions: Uint8Array[] = [];
  for (let left = reader.array("transactions", MAX_TRANSACTIONS); left > 0; left--) {
    transactions.push(reader.bytes("transaction", MAX_MESSAGE_BYTES));
  }
  reader.end();
  return transactions;
}
