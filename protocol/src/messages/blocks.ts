import type { CborReader } from "../cbor/reader.ts";
import { IDENTITY_ID_BYTES } from "../crypto/identity-id.ts";
import { Fault } from "../faults.ts";
import { openMessage, startMessage } from "./envelope.ts";
import { messageType } from "./numbers.ts";
import { MAX_MESSAGE_BYTES } from "./transactions.ts";

const MAX_BLOCKS = 1_024;
const PRUNED = "BLOCK_PRUNED";

/** Why a node does not give what it once had, and who has it. */
export interface Pruned {
  /** The lowest height that this node can give. */
  readonly firstHeight: number;
  /** Identity id of the archive that has confirmed the rest; undefined where it knows none. */
  readonly archiveId: Uint8Array | undefined;
}

/**
 * Answer to `getBlocks`: `[version, 9, headHeight, more, [block …], pruned]`, each block as stored
 * (`ledger/block`). A block larger than one message comes in parts: the message holds one item that
 * is a slice of the block, and `more` says that the next message goes on with it. `pruned` is `[]`, or
 * `["BLOCK_PRUNED", firstHeight, archiveId]` beside no block where the blocks are gone from here.
 */
export interface Blocks {
  /** Height of the answering node's head. */
  readonly headHeight: number;
  /** True while the last item goes on in the next message. */
  readonly more: boolean;
  readonly blocks: readonly Uint8Array[];
  readonly pruned?: Pruned;
}

export function encodeBlocks({ headHeight, more, blocks, pruned }: Blocks): Uint8Array {
  const writer = startMessage(
    messageType.blocks,
    6,
    96 + blocks.reduce((sum, block) => sum + block.length + 5, 0),
  )
    .uint(headHeight)
    .bool(more);
  writer.array(blocks.length);
  for (const block of blocks) writer.bytes(block);
  if (pruned === undefined) return writer.array(0).finish();
  const { firstHeight, archiveId = new Uint8Array() } = pruned;
  return writer.array(3).text(PRUNED).uint(firstHeight).bytes(archiveId).finish();
}

/** @throws Fault CBOR_* */
export function decodeBlocks(encoded: Uint8Array): Blocks {
  const reader = openMessage(encoded, {
    name: "blocks",
    type: messageType.blocks,
    items: 6,
    maxBytes: MAX_MESSAGE_BYTES,
  });
  const headHeight = reader.uint("headHeight");
  const more = reader.bool("more");
  const blocks: Uint8Array[] = [];
  for (let left = reader.array("blocks", MAX_BLOCKS); left > 0; left--) {
    blocks.push(reader.bytes("block", MAX_MESSAGE_BYTES));
  }
  const pruned = readPruned(reader);
  reader.end();
  if (pruned === undefined) return { headHeight, more, blocks };
  if (more || blocks.length > 0) throw new Fault("CBOR_SHAPE", "blocks beside pruned");
  return { headHeight, more, blocks, pruned };
}

function readPruned(reader: CborReader): Pruned | undefined {
  const items = reader.array("pruned", 3);
  if (items === 0) return undefined;
  if (items !== 3 || reader.text("code", 32) !== PRUNED) {
    throw new Fault("CBOR_SHAPE", "pruned has another form");
  }
  const firstHeight = reader.uint("firstHeight");
  const id = reader.bytes("archiveId", IDENTITY_ID_BYTES);
  if (id.length !== 0 && id.length !== IDENTITY_ID_BYTES) {
    throw new Fault("CBOR_SHAPE", "archiveId is no identity id");
  }
  return { firstHeight, archiveId: id.length === 0 ? undefined : Uint8Array.from(id) };
}
