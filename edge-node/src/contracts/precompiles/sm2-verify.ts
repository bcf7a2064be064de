import { sm2 } from "@gridledger/protocol/crypto/signatures";
import { Fault } from "@gridledger/protocol/faults";
import type { Precompile } from "./precompile.ts";

const KEY_BYTES = 33;
const HEAD_BYTES = KEY_BYTES + 64;
const TRUE = Uint8Array.from({ length: 32 }, (_, at) => (at === 31 ? 1 : 0));
const NOTHING = new Uint8Array(0);

/**
 * 0x0a02: verifies an SM2 signature (GB/T 32918.2, default user ID). Input `public key ‖ r ‖ s ‖
 * message`: 33 bytes, the compressed point, then twice 32. Output as of RIP-7212: a word of 1, or
 * nothing.
 */
export const sm2Verify: Precompile = {
  number: 0x0a02,
  gas: (data) => 10_000 + 12 * Math.ceil(data.length / 32),
  run(data) {
    if (data.length < HEAD_BYTES) return NOTHING;
    const [key, signature] = [data.slice(0, KEY_BYTES), data.slice(KEY_BYTES, HEAD_BYTES)];
    try {
      return sm2.verify(key, data.slice(HEAD_BYTES), signature) ? TRUE : NOTHING;
    } catch (thrown) {
      if (thrown instanceof Fault && thrown.code === "KEY_INVALID") return NOTHING;
      throw thrown;
    }
  },
};
