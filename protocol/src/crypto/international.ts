import { aes256Gcm } from "./ciphers.ts";
import { composeSuite } from "./compose-suite.ts";
import { eciesP256 } from "./ecies.ts";
import { sha256 } from "./hashes.ts";
import { ecdsaP256 } from "./signatures.ts";
import type { Suite } from "./suite.ts";

/** ECDSA P-256, ECIES, AES-256-GCM, SHA-256: guide §4.1.1 b). */
export const international: Suite = composeSuite({
  id: 1,
  name: "international",
  coseAlgorithm: -7, // ES256, RFC 9053 §2.1
  hash: sha256,
  signature: ecdsaP256,
  sealing: eciesP256,
  cipher: aes256Gcm,
});
