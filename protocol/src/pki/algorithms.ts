import { p256 } from "@noble/curves/nist.js";
import { der } from "../crypto/der.ts";
import { p256Curve } from "../crypto/ec-curves.ts";
import { international } from "../crypto/international.ts";
import { Sm2Point } from "../crypto/portable/sm2-point.ts";
import { sm } from "../crypto/sm.ts";
import type { Suite } from "../crypto/suite.ts";
import { Fault } from "../faults.ts";
import { oidElement, sequence, tag } from "./asn1-writer.ts";
import type { KeyUsage } from "./key-usage.ts";
import { oid } from "./oids.ts";

/** How a suite's keys and signatures stand in X.509. */
export interface PkiAlgorithm {
  readonly suite: Suite;
  readonly curve: string;
  /** The 65 bytes of a 33-byte key and back; throw where they are no point of the curve. */
  uncompress(publicKey: Uint8Array): Uint8Array;
  compress(point: Uint8Array): Uint8Array;
  /** Key usage of a certificate that others encrypt to. */
  readonly encryptionUsages: readonly KeyUsage[];
  /** AlgorithmIdentifier of its signatures as it is written. */
  readonly identifier: Uint8Array;
  /** All forms that are read. */
  readonly identifiers: readonly Uint8Array[];
  /** r‖s as `Suite.verify` wants it. */
  normalise(signature: Uint8Array): Uint8Array;
}

interface Point {
  toBytes(isCompressed: boolean): Uint8Array;
}

function points(fromBytes: (bytes: Uint8Array) => Point) {
  return {
    uncompress: (publicKey: Uint8Array) => fromBytes(publicKey).toBytes(false),
    compress: (point: Uint8Array) => fromBytes(point).toBytes(true),
  };
}

/**
 * Of s and n − s this network writes the lower one only, but OpenSSL, HSMs and meters write either.
 * X.509 sets no rule (RFC 3279 §2.2.3), so both are read here; a certificate is therefore named by
 * its signed part or issuer and serial, never by a hash of the whole file.
 */
function lowS(signature: Uint8Array): Uint8Array {
  const s = BigInt(`0x${Buffer.from(signature.subarray(32)).toString("hex")}`);
  if (s <= p256Curve.order >> 1n || s >= p256Curve.order) return signature;
  const low = (p256Curve.order - s).toString(16).padStart(64, "0");
  return Buffer.concat([signature.subarray(0, 32), Buffer.from(low, "hex")]);
}

const ecdsa = sequence(oidElement(oid.ecdsaWithSha256)); // no parameters, RFC 5758 §3.2
const sm2 = sequence(oidElement(oid.sm2WithSm3));

const algorithms: readonly PkiAlgorithm[] = [
  {
    suite: international,
    curve: oid.p256,
    ...points((bytes) => p256.Point.fromBytes(bytes)),
    encryptionUsages: ["keyAgreement"], // RFC 5480 §3, RFC 8813 §3: nothing else fits ECIES
    identifier: ecdsa,
    identifiers: [ecdsa],
    normalise: lowS,
  },
  {
    // SM3 over ZA of the default user ID and the signed part: GB/T 35276 §10, GM/T 0015.
    suite: sm,
    curve: oid.sm2Curve,
    ...points((bytes) => Sm2Point.fromBytes(bytes)),
    encryptionUsages: ["keyEncipherment", "dataEncipherment", "keyAgreement"], // GM/T 0015
    identifier: sm2,
    // Several Chinese CAs write NULL parameters.
    identifiers: [sm2, sequence(oidElement(oid.sm2WithSm3), der(tag.null))],
    normalise: (signature) => signature,
  },
];

/** @throws Fault PKI_ALGORITHM where no certificates exist for this suite */
export function algorithmOfSuite(suite: Suite): PkiAlgorithm {
  const found = algorithms.find((algorithm) => algorithm.suite.id === suite.id);
  if (found === undefined) {
    throw new Fault("PKI_ALGORITHM", `there are no certificates for the suite ${suite.name}`);
  }
  return found;
}

/** @throws Fault PKI_ALGORITHM */
export function algorithmOfCurve(curve: string): PkiAlgorithm {
  const found = algorithms.find((algorithm) => algorithm.curve === curve);
  if (found === undefined) throw new Fault("PKI_ALGORITHM", `no suite uses the curve ${curve}`);
  return found;
}

/** @throws Fault PKI_ALGORITHM */
export function algorithmOfIdentifier(identifier: Uint8Array): PkiAlgorithm {
  const found = algorithms.find(({ identifiers }) =>
    identifiers.some((known) => Buffer.compare(known, identifier) === 0),
  );
  if (found === undefined)
    throw new Fault("PKI_ALGORITHM", "the signature's algorithm is not used here");
  return found;
}
