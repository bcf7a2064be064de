import { sealingByName, signatureByName } from "../crypto/algorithms.ts";
import type { Opener, Signer } from "../crypto/suite.ts";
import { suiteByName } from "../crypto/suites.ts";
import { Fault } from "../faults.ts";

const SIGN = "-sign";
const SEAL = "-seal";

export interface SigningScheme {
  readonly purpose: "sign";
  generateKey(): Uint8Array;
  signer(pkcs8: Uint8Array): Signer;
  verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean;
}

export interface SealingScheme {
  readonly purpose: "seal";
  generateKey(): Uint8Array;
  opener(pkcs8: Uint8Array): Opener;
}

export type KeyScheme = SigningScheme | SealingScheme;

function signing(algorithm: Omit<SigningScheme, "purpose">): SigningScheme {
  const { generateKey, signer, verify } = algorithm;
  return { purpose: "sign", generateKey, signer, verify };
}

/**
 * The scheme with this name: `<suite>-sign` and `<suite>-seal` for every suite, outside ones too, or
 * the name of an algorithm (`ed25519`, `ecies-x25519`).
 *
 * @throws Fault SUITE_UNKNOWN
 */
export function keySchemeByName(name: string): KeyScheme {
  if (name.endsWith(SIGN)) return signing(suiteByName(name.slice(0, -SIGN.length)));
  if (name.endsWith(SEAL)) {
    const { generateSealingKey, opener } = suiteByName(name.slice(0, -SEAL.length));
    return { purpose: "seal", generateKey: generateSealingKey, opener };
  }
  try {
    return signing(signatureByName(name));
  } catch (thrown) {
    if (!(thrown instanceof Fault)) throw thrown;
    const { generateSealingKey, opener } = sealingByName(name);
    return { purpose: "seal", generateKey: generateSealingKey, opener };
  }
}
