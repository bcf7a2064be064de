import { openMessage, startMessage } from "./envelope.ts";
import { messageType } from "./numbers.ts";
import { MAX_MESSAGE_BYTES } from "./transactions.ts";

const MAX_BLOCKS = 1_024;

/**
 * Answer to `getBlocks`: `[version, 9, headHeight, more, [block …]]`, each block as stored
 * (`ledger/block`). A block larger than one message comes in parts: the message holds one item that
 * is a slice of the block, and `more` says that the next message goes on with it.
 */
export interface Blocks {
  /** Height of the answering node's head. */
  readonly headHeight: number;
  /** True while the last item goes on in the next message. */
  readonly more: boolean;
  readonly blocks: readonly Uint8Array[];
}

export function encodeBlocks({ headHeight, more, blocks }: Blocks): Uint8Array {
  const writer = startMessage(
    messageType.blocks,
    5,
    64 + blocks.reduce((sum, block) => sum + block.length + 5, 0),
  )
    .uint(headHeight)
    .bool(more);
  writer.array(blocks.length);
  for (const block of blocks) writer.bytes(block);
  return writer.finish();
}

/** @throws Fault CBOR_* */
export function decodeBlocks(encoded: Uint8Array): Blocks {
  const reader = openMessage(encoded, {
    name: "blocks",
    type: messageType.blocks,
    items: 5,
    maxBytes: MAX_MESSAGE_BYTES,
  });
  const headHeight = reader.uint("headHeight");
  const more = reader.bool("more");
  const blocks: Uint8Array[] = [];
  for (let left = reader.array("blocks", MAX_BLOCKS); left > 0; left--) {
    blocks.push(reader.bytes("block", MAX_MESSAGE_BYTES));
  }
  reader.end();
  return { headHeight, more, blocks };
}
