import { openMessage, startMessage } from "./envelope.ts";
import { messageType } from "./numbers.ts";
import { MAX_SNAPSHOT_DEPTH } from "./snapshot.ts";

/**
 * Asks for a snapshot of the state: `[version, 17, height, depth, index]`. Height 0 asks what there is,
 * and is answered with an outline; otherwise one part of the outline at that height is wanted.
 */
export interface GetSnapshot {
  readonly height: number;
  readonly depth: number;
  readonly index: number;
}

export function encodeGetSnapshot({ height, depth, index }: GetSnapshot): Uint8Array {
  return startMessage(messageType.getSnapshot, 5, 32).uint(height).uint(depth).uint(index).finish();
}

/** @throws Fault CBOR_* */
export function decodeGetSnapshot(encoded: Uint8Array): GetSnapshot {
  const reader = openMessage(encoded, {
    name: "getSnapshot",
    type: messageType.getSnapshot,
    items: 5,
    maxBytes: 64,
  });
  const request = {
    height: reader.uint("height"),
    depth: reader.uint("depth", MAX_SNAPSHOT_DEPTH),
    index: reader.uint("index", 2 ** MAX_SNAPSHOT_DEPTH - 1),
  };
  reader.end();
  return request;
}
