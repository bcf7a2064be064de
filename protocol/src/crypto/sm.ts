import { sm4GcmCipher } from "./ciphers.ts";
import { composeSuite } from "./compose-suite.ts";
import { sm3 } from "./hashes.ts";
import { sm2 } from "./signatures.ts";
import { sm2Sealing } from "./sm2-sealing.ts";
import type { Suite } from "./suite.ts";

/** SM2, SM2 encryption, SM4-GCM, SM3: guide §4.1.1 a). */
export const sm: Suite = composeSuite({
  id: 2,
  name: "sm",
  coseAlgorithm: -65537, // private use, RFC 9053 §2: COSE has no number for SM2
  hash: sm3,
  signature: sm2,
  sealing: sm2Sealing,
  cipher: sm4GcmCipher,
});
