const MESSAGE_BYTES = 131_072;
const MAX_TRANSACTIONS = 1_024;

/** Transactions in groups that each fit into one message. */
export function* inMessages(transactions: Iterable<Uint8Array>): IterableIterator<Uint8Array[]> {
  let group: Uint8Array[] = [];
  let bytes = 0;
  for (const transaction of transactions) {
    const isFull = bytes + transaction.length > MESSAGE_BYTES || group.length >= MAX_TRANSACTIONS;
    if (isFull && group.length > 0) {
      yield group;
      group = [];
      bytes = 0;
    }
    group.push(transaction);
    bytes += transaction.length;
  }
  if (group.length > 0) yield group;
}
