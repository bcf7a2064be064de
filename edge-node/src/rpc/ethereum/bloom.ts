import { keccak256 } from "@gridledger/protocol/contracts/keccak";
import type { Log } from "@gridledger/protocol/contracts/receipt";

const BLOOM_BYTES = 256;

/** Three bits for each address and topic (Yellow Paper §4.3.1): programs skip blocks by it. */
export function bloomOf(logs: readonly Log[]): Uint8Array {
  const bloom = new Uint8Array(BLOOM_BYTES);
  for (const { address, topics } of logs) {
    for (const item of [address, ...topics]) {
      const hash = keccak256(item);
      for (const at of [0, 2, 4]) {
        const bit = ((hash[at]! << 8) | hash[at + 1]!) & 0x7ff;
        bloom[BLOOM_BYTES - 1 - (bit >> 3)]! |= 1 << (bit & 7);
      }
    }
  }
  return bloom;
}
