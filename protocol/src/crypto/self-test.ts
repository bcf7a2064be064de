import { compareBytes } from "../cbor/reader.ts";
import { Fault } from "../faults.ts";
import type { SignatureProvider } from "./signature.ts";
import type { Cipher } from "./suite.ts";

const NOTHING = new Uint8Array();

export function bytes(hex: string): Uint8Array {
  return Buffer.from(hex.replaceAll(/\s/g, ""), "hex");
}

/** @throws Fault SUITE_SELF_TEST unless the bytes are equal */
export function expectBytes(found: Uint8Array, expected: Uint8Array, what: string): void {
  if (compareBytes(found, expected) !== 0) {
    throw new Fault("SUITE_SELF_TEST", `${what} does not give the standard's value`);
  }
}

/** @throws Fault SUITE_SELF_TEST unless the answer is true */
export function expectTrue(answer: boolean, what: string): void {
  if (!answer) throw new Fault("SUITE_SELF_TEST", what);
}

/** @throws Fault SUITE_SELF_TEST unless the work throws */
export function expectRefusal(work: () => unknown, what: string): void {
  try {
    work();
  } catch {
    return;
  }
  throw new Fault("SUITE_SELF_TEST", what);
}

/** A copy with one bit changed. */
export function spoiled(original: Uint8Array): Uint8Array {
  const copy = Uint8Array.from(original);
  const last = copy.length - 1;
  copy[last] = (copy[last] ?? 0) ^ 1;
  return copy;
}

/** A published signature, as hexadecimal. */
export interface SignatureVector {
  readonly secret: string;
  readonly publicKey: string;
  readonly message: string;
  readonly signature: string;
}

/** Known key, known signature, one round of its own, and one changed message. */
export function testSignatures(provider: SignatureProvider, vector: SignatureVector): void {
  const signer = provider.signer(bytes(vector.secret));
  const publicKey = bytes(vector.publicKey);
  const message = bytes(vector.message);
  expectBytes(signer.publicKey, publicKey, "the public key");
  expectTrue(
    provider.verify(publicKey, message, bytes(vector.signature)),
    "the standard's signature does not verify",
  );
  const signature = signer.sign(message);
  expectTrue(provider.verify(publicKey, message, signature), "its own signature does not verify");
  expectTrue(
    !provider.verify(publicKey, spoiled(message), signature),
    "a signature over another message verifies",
  );
}

/** A published authenticated encryption, as hexadecimal; `ciphertext` ends with the tag. */
export interface CipherVector {
  readonly key: string;
  readonly nonce: string;
  readonly associated: string;
  readonly plaintext: string;
  readonly ciphertext: string;
}

export function testCipher(cipher: Cipher, vector: CipherVector): void {
  const key = bytes(vector.key);
  const nonce = bytes(vector.nonce);
  const associated = bytes(vector.associated);
  const plaintext = bytes(vector.plaintext);
  const ciphertext = bytes(vector.ciphertext);
  expectBytes(cipher.encrypt(key, nonce, plaintext, associated), ciphertext, "encryption");
  expectBytes(cipher.decrypt(key, nonce, ciphertext, associated), plaintext, "decryption");
  expectRefusal(
    () => cipher.decrypt(key, nonce, spoiled(ciphertext), associated),
    "a changed ciphertext is opened",
  );
  expectRefusal(
    () => cipher.decrypt(key, nonce, ciphertext, NOTHING),
    "a ciphertext is opened with other associated data",
  );
}
