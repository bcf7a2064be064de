import { derFromRaw } from "../crypto/der-signature.ts";
import type { Signer, Suite } from "../crypto/suite.ts";
import { Fault } from "../faults.ts";
import { algorithmOfIdentifier, algorithmOfSuite, type PkiAlgorithm } from "./algorithms.ts";
import { Asn1Reader, malformed } from "./asn1-reader.ts";
import { bits, sequence } from "./asn1-writer.ts";

const SCALAR_BYTES = 32;
const LARGEST_SCALAR_BYTES = 66; // P-521

/** What certificates, requests and CRLs have in common: SIGNED{}, X.509 §6.2. */
export interface SignedObject {
  readonly encoded: Uint8Array;
  /** The signed part with its header, as it was signed. */
  readonly signedPart: Uint8Array;
  /** AlgorithmIdentifier outside the signed part. */
  readonly identifier: Uint8Array;
  readonly algorithm: PkiAlgorithm;
  /** r‖s, 64 bytes. */
  readonly signature: Uint8Array;
}

/** Ecdsa-Sig-Value (RFC 3279 §2.2.3), SM2Signature (GM/T 0009 §7.3): each in its one DER form. */
function readSignature(encoded: Uint8Array): Uint8Array {
  const outer = new Asn1Reader(encoded);
  const pair = outer.nested();
  outer.end();
  const raw = new Uint8Array(2 * SCALAR_BYTES);
  for (const end of [SCALAR_BYTES, 2 * SCALAR_BYTES]) {
    const digits = pair.unsigned(LARGEST_SCALAR_BYTES);
    if (digits.length > SCALAR_BYTES) {
      throw new Fault("PKI_ALGORITHM", "the signature is one of a larger curve");
    }
    raw.set(digits, end - digits.length);
  }
  pair.end();
  return raw;
}

/** @throws Fault PKI_LIMIT, PKI_MALFORMED, PKI_ALGORITHM */
export function readSigned(encoded: Uint8Array, maxBytes: number): SignedObject {
  if (encoded.length > maxBytes) {
    throw new Fault("PKI_LIMIT", `${encoded.length} bytes; at most ${maxBytes} are read`);
  }
  // A copy: views into it must not change with the caller's buffer.
  const copy = Uint8Array.from(encoded);
  const outer = new Asn1Reader(copy);
  const parts = outer.nested();
  outer.end();
  const signedPart = parts.element();
  const identifier = parts.element();
  const signature = parts.bits();
  parts.end();
  return {
    encoded: copy,
    signedPart,
    identifier,
    algorithm: algorithmOfIdentifier(identifier),
    signature: readSignature(signature),
  };
}

/** A certificate and a CRL name their algorithm twice, alike (RFC 5280 §4.1.1.2, §5.1.1.2). */
export function checkSameIdentifier(inner: Uint8Array, { identifier }: SignedObject): void {
  if (Buffer.compare(inner, identifier) !== 0) {
    throw malformed("the algorithm inside the signed part is another one");
  }
}

export function signObject(suite: Suite, signer: Signer, signedPart: Uint8Array): Uint8Array {
  const { identifier } = algorithmOfSuite(suite);
  return sequence(signedPart, identifier, bits(derFromRaw(signer.sign(signedPart))));
}

/** True where the holder of `publicKey`, a key of `suite`, signed it. */
export function isSignedBy(signed: SignedObject, suite: Suite, publicKey: Uint8Array): boolean {
  const { algorithm, signature, signedPart } = signed;
  if (algorithm.suite.id !== suite.id) return false;
  return suite.verify(publicKey, signedPart, algorithm.normalise(signature));
}
