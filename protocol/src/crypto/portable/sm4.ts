import smCrypto from "sm-crypto";
import type { Sm4Ctr } from "../sm4-gcm.ts";

const BLOCK_BYTES = 16;

/** SM4-CTR on sm-crypto's block cipher. The counter is the last 32 bits, which GCM never wraps. */
export const portableSm4Ctr: Sm4Ctr = (key, counter, data) => {
  const blocks = Math.ceil(data.length / BLOCK_BYTES);
  const counters = Buffer.alloc(blocks * BLOCK_BYTES);
  const first = Buffer.from(counter).readUInt32BE(12);
  for (let block = 0; block < blocks; block++) {
    counters.set(counter, block * BLOCK_BYTES);
    counters.writeUInt32BE(first + block, block * BLOCK_BYTES + 12);
  }
  const stream = smCrypto.sm4.encrypt([...counters], [...key], {
    padding: "none",
    output: "array",
  });
  return data.map((byte, i) => byte ^ stream[i]!);
};
