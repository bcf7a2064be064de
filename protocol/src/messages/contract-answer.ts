import { openMessage, startMessage } from "./envelope.ts";
import { messageType } from "./numbers.ts";
import { MAX_MESSAGE_BYTES } from "./transactions.ts";

const MAX_ITEMS = 65_536;

/**
 * Answer to a contract query: `[version, 31, id, height, [item …]]`, by the state after block `height`.
 * Receipts: one item each, none where the node does not hold the block. Account and slot: one item,
 * `contracts/state-proof`. Standing: one item, `ledger/standing-proof`. Call: one item, a receipt. Nothing at all: the node cannot answer now.
 */
export interface ContractAnswer {
  readonly id: number;
  readonly height: number;
  readonly items: readonly Uint8Array[];
}

export function encodeContractAnswer({ id, height, items }: ContractAnswer): Uint8Array {
  const bytes = items.reduce((sum, item) => sum + item.length + 5, 64);
  const writer = startMessage(messageType.contractAnswer, 5, bytes).uint(id).uint(height);
  writer.array(items.length);
  for (const item of items) writer.bytes(item);
  return writer.finish();
}

/** @throws Fault CBOR_* */
export function decodeContractAnswer(encoded: Uint8Array): ContractAnswer {
  const reader = openMessage(encoded, {
    name: "contract answer",
    type: messageType.contractAnswer,
    items: 5,
    maxBytes: MAX_MESSAGE_BYTES,
  });
  const id = reader.uint("id");
  const height = reader.uint("height");
  const items: Uint8Array[] = [];
  for (let left = reader.array("items", MAX_ITEMS); left > 0; left--) {
    items.push(reader.bytes("item", MAX_MESSAGE_BYTES));
  }
  reader.end();
  return { id, height, items };
}
