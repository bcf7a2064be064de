import type { Suite } from "../crypto/suite.ts";
import { Fault } from "../faults.ts";
import { algorithmOfCurve, algorithmOfSuite, type PkiAlgorithm } from "./algorithms.ts";
import type { Asn1Reader } from "./asn1-reader.ts";
import { bits, oidElement, sequence, tag } from "./asn1-writer.ts";
import { oid } from "./oids.ts";

const UNCOMPRESSED = 0x04; // SEC 1 §2.3.3
const KEY_ID_BYTES = 20;

export interface SubjectPublicKey {
  readonly algorithm: PkiAlgorithm;
  /** 33 bytes, compressed: a point of the algorithm's curve. */
  readonly publicKey: Uint8Array;
  /** The same key as X.509 writes it, 65 bytes. */
  readonly point: Uint8Array;
}

/** @throws Fault KEY_INVALID unless these are 33 bytes of a point, PKI_ALGORITHM */
export function subjectPublicKey(suite: Suite, publicKey: Uint8Array): SubjectPublicKey {
  const algorithm = algorithmOfSuite(suite);
  if (publicKey.length !== 33) throw new Fault("KEY_INVALID", "a public key has 33 bytes");
  try {
    return { algorithm, publicKey, point: algorithm.uncompress(publicKey) };
  } catch (cause) {
    throw new Fault("KEY_INVALID", `not a point of the curve of ${suite.name}`, { cause });
  }
}

/** SubjectPublicKeyInfo with the uncompressed point (RFC 5480 §2; for SM2, GM/T 0015 §5.2.3.7). */
export function encodePublicKey({ algorithm, point }: SubjectPublicKey): Uint8Array {
  const identifier = sequence(oidElement(oid.ecPublicKey), oidElement(algorithm.curve));
  return sequence(identifier, bits(point));
}

/**
 * Named curves and uncompressed points only (RFC 5480 §2.1.1: explicit parameters MUST NOT be used).
 * @throws Fault PKI_MALFORMED, PKI_ALGORITHM, KEY_INVALID where the point is not on the curve
 */
export function readPublicKey(reader: Asn1Reader): SubjectPublicKey {
  const info = reader.nested();
  const identifier = info.nested();
  const keyType = identifier.oid();
  if (keyType !== oid.ecPublicKey || identifier.peek() !== tag.objectIdentifier) {
    throw new Fault("PKI_ALGORITHM", "the subject's key is not of a named elliptic curve");
  }
  const algorithm = algorithmOfCurve(identifier.oid());
  identifier.end();
  const point = info.bits();
  info.end();
  if (point.length !== 65 || point[0] !== UNCOMPRESSED) {
    throw new Fault("KEY_INVALID", "the subject's key is not an uncompressed point");
  }
  try {
    return { algorithm, publicKey: algorithm.compress(point), point };
  } catch (cause) {
    throw new Fault("KEY_INVALID", "the subject's key is not on its curve", { cause });
  }
}

/** Key identifier: the first 160 bits of the suite's hash of the point (RFC 7093 §2, method 1). */
export function keyIdentifier({ algorithm, point }: SubjectPublicKey): Uint8Array {
  return algorithm.suite.hash(point).subarray(0, KEY_ID_BYTES);
}
