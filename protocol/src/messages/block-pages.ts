import { encodeBlocks } from "./blocks.ts";

/** Small enough that a vote on the same connection is not held up for long. */
export const PAGE_BYTES = 131_072;
/** Blocks that one answer holds at most. */
export const PAGE_BLOCKS = 256;

/** The messages of one answer: a page of blocks, or the slices of one block that is larger than that. */
export function* blockPages(
  headHeight: number,
  blocks: readonly Uint8Array[],
): IterableIterator<Uint8Array> {
  const [first] = blocks;
  if (first === undefined || first.length <= PAGE_BYTES) {
    yield encodeBlocks({ headHeight, more: false, blocks });
    return;
  }
  // Each part is a byte shorter than the one before: a repeated part can be told from an equal one.
  let sliceBytes = PAGE_BYTES;
  for (let at = 0; at < first.length; at += sliceBytes + 1) {
    const slice = first.subarray(at, at + sliceBytes);
    const more = at + sliceBytes < first.length;
    yield encodeBlocks({ headHeight, more, blocks: [slice] });
    sliceBytes--;
  }
}
