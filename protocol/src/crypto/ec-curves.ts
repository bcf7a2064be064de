import { ecKeyFormat, type KeyFormat } from "./key-format.ts";

/** A curve for ECDSA and ECDH, by what OpenSSL and the standards call it. */
export interface EcCurve {
  readonly name: string;
  /** OpenSSL's name. */
  readonly openssl: string;
  /** Order of the base point. */
  readonly order: bigint;
  readonly format: KeyFormat;
  /** SubjectPublicKeyInfo of a compressed point, up to the point (RFC 5480 §2). */
  readonly spkiPrefix: Uint8Array;
}

function curve(name: string, openssl: string, order: bigint, oid: string, spki: string): EcCurve {
  const format = ecKeyFormat(Buffer.from(oid, "hex"), order - 1n);
  return { name, openssl, order, format, spkiPrefix: Buffer.from(spki, "hex") };
}

/** SEC 2 §2.4.2. */
export const p256Curve: EcCurve = curve(
  "p256",
  "prime256v1",
  0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n,
  "2a8648ce3d030107", // 1.2.840.10045.3.1.7
  "3039301306072a8648ce3d020106082a8648ce3d030107032200",
);

/** SEC 2 §2.4.1. */
export const secp256k1Curve: EcCurve = curve(
  "secp256k1",
  "secp256k1",
  0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n,
  "2b8104000a", // 1.3.132.0.10
  "3036301006072a8648ce3d020106052b8104000a032200",
);
