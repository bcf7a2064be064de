import type { Handover } from "@gridledger/protocol/ledger/handover";
import type { Header } from "@gridledger/protocol/ledger/header";
import type { Seal } from "@gridledger/protocol/ledger/seal";
import type { MerkleTree } from "@gridledger/protocol/merkle/tree";
import { encodeReceipt, type Receipt } from "@gridledger/protocol/messages/receipt";
import { topics } from "@gridledger/protocol/topics";
import type { Bus } from "../../bus.ts";

/** Constrained gateways take no larger message. */
const MAX_MESSAGE_BYTES = 262_144;
/** Seal and header: a few kilobytes even with many validators. */
const FRAME_BYTES = 16_384;
/** hash, index and heads of one entry; each sibling of its path takes 34 more. */
const ENTRY_BYTES = 48;
const SIBLING_BYTES = 34;

export interface ReceiptBlock {
  readonly header: Header;
  readonly encodedHeader: Uint8Array;
  readonly seal: Seal;
  readonly tree: MerkleTree;
}

/** A transaction of the block; `sender` is hex. */
export interface ReceiptLeaf {
  readonly index: number;
  readonly hash: Uint8Array;
  readonly sender: string;
}

interface PublisherOptions {
  readonly channel: string;
  /** The hub's identity id. */
  readonly self: string;
}

interface PublisherDeps {
  readonly bus: Bus;
  /** What proves the validators of a height from the genesis on. */
  readonly handoversTo: (height: number) => readonly Handover[];
}

/** Tells each sender what of its own is final, with the proof (guide §4.4.1 b). */
export class ReceiptPublisher {
  readonly #deps: PublisherDeps;
  readonly #options: PublisherOptions;

  constructor(deps: PublisherDeps, options: PublisherOptions) {
    this.#deps = deps;
    this.#options = options;
  }

  publish(block: ReceiptBlock, leaves: readonly ReceiptLeaf[]): void {
    const { channel, self } = this.#options;
    const { bus, handoversTo } = this.#deps;
    const handovers = handoversTo(block.header.height);
    const room = MAX_MESSAGE_BYTES - FRAME_BYTES - handoverBytes(handovers);
    const bySender = new Map<string, ReceiptLeaf[]>();
    for (const leaf of leaves) {
      const some = bySender.get(leaf.sender);
      if (some === undefined) bySender.set(leaf.sender, [leaf]);
      else some.push(leaf);
    }
    for (const [sender, some] of bySender) {
      // A sender id that is no identity's has no topic.
      if (sender.length !== 20) continue;
      for (const entries of chunks(block.tree, some, room)) {
        const { encodedHeader, seal } = block;
        const message = encodeReceipt({ encodedHeader, seal, entries, handovers });
        bus.publish(topics.receipt(channel, sender, self), message);
      }
    }
  }
}

function* chunks(
  tree: MerkleTree,
  leaves: readonly ReceiptLeaf[],
  maxBytes: number,
): IterableIterator<Receipt["entries"]> {
  let bytes = 0;
  let entries: Receipt["entries"][number][] = [];
  for (const { index, hash } of leaves) {
    const path = tree.path(index);
    const more = ENTRY_BYTES + path.length * SIBLING_BYTES;
    if (bytes + more > maxBytes && entries.length > 0) {
      yield entries;
      entries = [];
      bytes = 0;
    }
    entries.push({ txHash: hash, index, path });
    bytes += more;
  }
  if (entries.length > 0) yield entries;
}

/** At most: a signature with its number takes 70 bytes, a key 36. */
function handoverBytes(handovers: readonly Handover[]): number {
  return handovers.reduce(
    (sum, { encodedHeader, seal, publicKeys }) =>
      sum + encodedHeader.length + 70 * seal.signatures.length + 36 * publicKeys.length + 32,
    0,
  );
}
