import { MAX_CHUNK_BYTES, MAX_CHUNKS, ROOT_BYTES } from "../objects/manifest.ts";
import { openMessage, startMessage } from "./envelope.ts";
import { messageType } from "./numbers.ts";

/** So short that what shares the connection waits for little. */
export const PIECE_BYTES = 65_536;
/** Of 2^14 chunks. */
const MAX_PATH = 14;

/**
 * Part of a chunk on its way to a holder or from it:
 * `[version, 36, id, root, index, offset, bytes, [hash …]]`. The last part has the chunk's path.
 */
export interface CopyPiece {
  readonly id: number;
  readonly root: Uint8Array;
  readonly index: number;
  /** In the chunk, in bytes. */
  readonly offset: number;
  readonly bytes: Uint8Array;
  /** Sibling hashes up to the root; empty in every part but the last. */
  readonly path: readonly Uint8Array[];
}

export function encodeCopyPiece({ id, root, index, offset, bytes, path }: CopyPiece): Uint8Array {
  const writer = startMessage(messageType.copyPiece, 8, bytes.length + path.length * 34 + 96);
  writer.uint(id).bytes(root).uint(index).uint(offset).bytes(bytes).array(path.length);
  for (const hash of path) writer.bytes(hash);
  return writer.finish();
}

/** @throws Fault CBOR_* */
export function decodeCopyPiece(encoded: Uint8Array): CopyPiece {
  const reader = openMessage(encoded, {
    name: "copyPiece",
    type: messageType.copyPiece,
    items: 8,
    maxBytes: PIECE_BYTES + 1_024,
  });
  const id = reader.uint("id");
  const root = reader.fixedBytes("root", ROOT_BYTES);
  const index = reader.uint("index", MAX_CHUNKS - 1);
  const offset = reader.uint("offset", MAX_CHUNK_BYTES);
  const bytes = reader.bytes("bytes", PIECE_BYTES);
  const path: Uint8Array[] = [];
  for (let left = reader.array("path", MAX_PATH); left > 0; left--) {
    path.push(reader.fixedBytes("hash", 32));
  }
  reader.end();
  return { id, root, index, offset, bytes, path };
}
