import { ChunkCutter } from "@gridledger/protocol/objects/chunks";

/** Bytes of one run that wait for the disk while more comes in. */
const AHEAD_BYTES = 1_048_576;

/**
 * Cuts what comes in into chunks and gives each to `take` at once; it goes on reading while the disk
 * writes, a little ahead of it. When it has returned or thrown, nothing is on its way to the disk any more.
 */
export async function takeRun(
  pieces: AsyncIterable<Uint8Array>,
  chunkBytes: number,
  take: (place: number, bytes: Uint8Array) => Promise<void>,
): Promise<number> {
  const cutter = new ChunkCutter(chunkBytes);
  const ahead = Math.max(1, Math.floor(AHEAD_BYTES / chunkBytes));
  const taken: Promise<void>[] = [];
  const takeAll = async (chunks: readonly Uint8Array[]) => {
    for (const bytes of chunks) {
      const written = take(taken.length, bytes);
      written.catch(() => {}); // it is heard of below
      taken.push(written);
      await taken[taken.length - 1 - ahead];
    }
  };
  try {
    for await (const piece of pieces) await takeAll(cutter.push(piece));
    await takeAll(cutter.finish(taken.length));
    await Promise.all(taken);
  } finally {
    await Promise.allSettled(taken);
  }
  return taken.length;
}
