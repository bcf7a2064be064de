import { randomBytes } from "node:crypto";
import { compareBytes } from "../cbor/reader.ts";
import { Fault } from "../faults.ts";
import { DerReader, der, derTag } from "./der.ts";

const SECRET_BYTES = 32;
const EC_PUBLIC_KEY = Buffer.from("2a8648ce3d0201", "hex"); // 1.2.840.10045.2.1, RFC 5480 §2.1.1
const VERSION_0 = der(derTag.integer, Buffer.of(0));
const VERSION_1 = der(derTag.integer, Buffer.of(1));
const EC_PARAMETERS = 0xa0; // RFC 5915 §3
const EC_POINT = 0xa1;

/** A private key as it stands in a PKCS#8. */
export interface PrivateKeyContent {
  /** 32 bytes, a copy: the caller may wipe the file's bytes. */
  readonly secret: Uint8Array;
  /** The public key beside it, where the file holds one: the uncompressed point. */
  readonly point?: Uint8Array;
}

/**
 * The one door between PKCS#8 (RFC 5208) and the 32 secret bytes that every provider takes, so that
 * OpenSSL and the portable code accept exactly the same files.
 */
export interface KeyFormat {
  generateSecret(): Uint8Array;
  encode(secret: Uint8Array): Uint8Array;
  /** @throws Fault KEY_INVALID */
  decode(pkcs8: Uint8Array): PrivateKeyContent;
}

function readPrivateKeyInfo(pkcs8: Uint8Array): { algorithm: DerReader; key: Uint8Array } {
  const outer = new DerReader(pkcs8);
  const reader = outer.nested(derTag.sequence);
  outer.end();
  if (reader.take(derTag.integer).some((byte) => byte !== 0)) {
    throw new Fault("KEY_INVALID", "not a PKCS#8 of version 1");
  }
  const algorithm = reader.nested(derTag.sequence);
  const key = reader.take(derTag.octetString);
  reader.end();
  return { algorithm, key };
}

function expectBytes(found: Uint8Array, expected: Uint8Array, name: string): void {
  if (compareBytes(found, expected) !== 0) {
    throw new Fault("KEY_INVALID", `the key's ${name} is not the one of this algorithm`);
  }
}

/** ECPrivateKey, RFC 5915 §3. */
function readEcPrivateKey(bytes: Uint8Array, curve: Uint8Array): PrivateKeyContent {
  const outer = new DerReader(bytes);
  const reader = outer.nested(derTag.sequence);
  outer.end();
  expectBytes(reader.take(derTag.integer), Buffer.of(1), "version");
  const secret = Uint8Array.from(reader.take(derTag.octetString));
  if (reader.peek() === EC_PARAMETERS) {
    expectBytes(reader.nested(EC_PARAMETERS).take(derTag.objectIdentifier), curve, "curve");
  }
  if (reader.isAtEnd) return { secret };
  const explicit = reader.nested(EC_POINT);
  const bits = explicit.take(derTag.bitString);
  explicit.end();
  reader.end();
  if (bits[0] !== 0) throw new Fault("KEY_INVALID", "the public key has unused bits");
  return { secret, point: bits.subarray(1) };
}

/** Keys of a curve in Weierstrass form: 1 ≤ d ≤ `maxSecret`. `curve` is the content of its OID. */
export function ecKeyFormat(curve: Uint8Array, maxSecret: bigint): KeyFormat {
  const max = Buffer.from(maxSecret.toString(16).padStart(2 * SECRET_BYTES, "0"), "hex");
  const algorithm = der(
    derTag.sequence,
    der(derTag.objectIdentifier, EC_PUBLIC_KEY),
    der(derTag.objectIdentifier, curve),
  );
  const isInRange = (secret: Uint8Array) =>
    secret.some((byte) => byte !== 0) && compareBytes(secret, max) <= 0;

  return {
    generateSecret() {
      for (;;) {
        const secret = randomBytes(SECRET_BYTES); // FIPS 186-5 §A.2.2: rejection sampling
        if (isInRange(secret)) return secret;
      }
    },

    encode(secret) {
      const key = der(derTag.sequence, VERSION_1, der(derTag.octetString, secret));
      return der(derTag.sequence, VERSION_0, algorithm, der(derTag.octetString, key));
    },

    decode(pkcs8) {
      const info = readPrivateKeyInfo(pkcs8);
      expectBytes(info.algorithm.take(derTag.objectIdentifier), EC_PUBLIC_KEY, "algorithm");
      expectBytes(info.algorithm.take(derTag.objectIdentifier), curve, "curve");
      info.algorithm.end();
      const content = readEcPrivateKey(info.key, curve);
      if (content.secret.length !== SECRET_BYTES || !isInRange(content.secret)) {
        throw new Fault("KEY_INVALID", "the private key is not a scalar of the curve");
      }
      return content;
    },
  };
}

/** Keys of Ed25519 and X25519: any 32 bytes (RFC 8410 §7). `oid` is the content of the OID. */
export function rawKeyFormat(oid: Uint8Array): KeyFormat {
  const algorithm = der(derTag.sequence, der(derTag.objectIdentifier, oid));
  return {
    generateSecret: () => randomBytes(SECRET_BYTES),

    encode(secret) {
      const key = der(derTag.octetString, der(derTag.octetString, secret));
      return der(derTag.sequence, VERSION_0, algorithm, key);
    },

    decode(pkcs8) {
      const info = readPrivateKeyInfo(pkcs8);
      expectBytes(info.algorithm.take(derTag.objectIdentifier), oid, "algorithm");
      info.algorithm.end();
      const reader = new DerReader(info.key);
      const secret = Uint8Array.from(reader.take(derTag.octetString));
      reader.end();
      if (secret.length !== SECRET_BYTES) throw new Fault("KEY_INVALID", "not 32 secret bytes");
      return { secret };
    },
  };
}
