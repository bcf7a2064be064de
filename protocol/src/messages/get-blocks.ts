import { openMessage, startMessage } from "./envelope.ts";
import { messageType } from "./numbers.ts";

/** Asks a node for final blocks from a height on: `[version, 8, fromHeight, maxBlocks]`. */
export interface GetBlocks {
  readonly fromHeight: number;
  readonly maxBlocks: number;
}

export function encodeGetBlocks({ fromHeight, maxBlocks }: GetBlocks): Uint8Array {
  const writer = startMessage(messageType.getBlocks, 4, 32);
  return writer.uint(fromHeight).uint(maxBlocks).finish();
}

/** @throws Fault CBOR_* */
export function decodeGetBlocks(encoded: Uint8Array): GetBlocks {
  const reader = openMessage(encoded, {
    name: "getBlocks",
    type: messageType.getBlocks,
    items: 4,
    maxBytes: 64,
  });
  const request = {
    fromHeight: reader.uint("fromHeight"),
    maxBlocks: reader.uint("maxBlocks", 1_024),
  };
  reader.end();
  return request;
}
