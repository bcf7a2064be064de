import { Fault } from "../faults.ts";
import type { AgreementAlgorithm } from "./agreement.ts";
import { ecdhP256, ecdhSecp256k1, x25519 } from "./agreements.ts";
import {
  aes128Gcm,
  aes256Gcm,
  type CipherAlgorithm,
  chacha20Poly1305,
  sm4GcmCipher,
} from "./ciphers.ts";
import { eciesP256, eciesSecp256k1, eciesX25519 } from "./ecies.ts";
import { type HashAlgorithm, sha256, sha3256, sm3 } from "./hashes.ts";
import { hmacSha256, hmacSm3, type MacAlgorithm } from "./macs.ts";
import type { ProviderReport, TestedAlgorithm } from "./providers.ts";
import type { SealingAlgorithm } from "./sealing.ts";
import type { SignatureAlgorithm } from "./signature.ts";
import { ecdsaP256, ecdsaSecp256k1, ed25519, sm2 } from "./signatures.ts";
import { sm2Sealing } from "./sm2-sealing.ts";

/** The algorithms that can be used by name, guide §4.1.1 d). A name is never given to another one. */
const hashes: readonly HashAlgorithm[] = [sha256, sm3, sha3256];
const macs: readonly MacAlgorithm[] = [hmacSha256, hmacSm3];
const ciphers: readonly CipherAlgorithm[] = [aes256Gcm, aes128Gcm, sm4GcmCipher, chacha20Poly1305];
const signatures: readonly SignatureAlgorithm[] = [ecdsaP256, sm2, ed25519, ecdsaSecp256k1];
const agreements: readonly AgreementAlgorithm[] = [ecdhP256, x25519, ecdhSecp256k1];
const sealings: readonly SealingAlgorithm[] = [eciesP256, sm2Sealing, eciesX25519, eciesSecp256k1];

function byName<Algorithm extends { name: string }>(
  kind: string,
  algorithms: readonly Algorithm[],
  name: string,
): Algorithm {
  const found = algorithms.find((algorithm) => algorithm.name === name);
  if (found !== undefined) return found;
  const known = algorithms.map((algorithm) => algorithm.name).join(", ");
  throw new Fault("SUITE_UNKNOWN", `no ${kind} is called "${name}"; known: ${known}`);
}

/** @throws Fault SUITE_UNKNOWN, as all of these */
export const hashByName = (name: string): HashAlgorithm => byName("hash", hashes, name);
export const macByName = (name: string): MacAlgorithm => byName("MAC", macs, name);
export const cipherByName = (name: string): CipherAlgorithm => byName("cipher", ciphers, name);
export const signatureByName = (name: string): SignatureAlgorithm =>
  byName("signature algorithm", signatures, name);
export const agreementByName = (name: string): AgreementAlgorithm =>
  byName("key agreement", agreements, name);
export const sealingByName = (name: string): SealingAlgorithm =>
  byName("public-key encryption", sealings, name);

/** Self-tests every provider of every algorithm, those on standby too: what `doctor` prints. */
export function testAllProviders(): ProviderReport[] {
  const named = [hashes, macs, ciphers, signatures, agreements, sealings].flat();
  const tested = new Set<TestedAlgorithm>(named.map(({ providers }) => providers));
  return [...tested].flatMap((providers) => providers.testAll());
}
