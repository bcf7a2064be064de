import { createECDH, ECDH } from "node:crypto";
import { Fault } from "../../faults.ts";
import { Sm2Point, scalarFromBytes, scalarToBytes } from "../portable/sm2-point.ts";
import { sm2KeyFormat } from "../sm2-curve.ts";
import {
  type Sm2EncryptionProvider,
  sm2Ciphertext,
  sm2FirstPoint,
  sm2Plaintext,
} from "../sm2-encryption.ts";

const field = Sm2Point.Fp;

function ecdhOf(secret: Uint8Array): ECDH {
  const ecdh = createECDH("SM2");
  ecdh.setPrivateKey(secret);
  return ecdh;
}

/** Throws where the bytes are no point. */
function uncompress(point: Uint8Array): Uint8Array {
  return ECDH.convertKey(point, "SM2", undefined, undefined, "uncompressed") as Buffer;
}

/** The two points with this x. */
function pointsOfX(x: Uint8Array): Uint8Array[] {
  return [2, 3].map((head) => uncompress(Buffer.concat([Buffer.of(head), x])));
}

/** x of A + B for A ≠ ±B, GB/T 32918.1 §3.2.3.1. */
function xOfSum(a: Uint8Array, b: Uint8Array): bigint {
  const [ax, ay] = [scalarFromBytes(a.subarray(1, 33)), scalarFromBytes(a.subarray(33))];
  const [bx, by] = [scalarFromBytes(b.subarray(1, 33)), scalarFromBytes(b.subarray(33))];
  const slope = field.div(field.sub(by, ay), field.sub(bx, ax));
  return field.sub(field.sub(field.sqr(slope), ax), bx);
}

/**
 * kP with both coordinates, k being the key of `ecdh`. Node's ECDH gives only x; which of the two points it is, the x of (k + 1)P
 * tells. Undefined where kP = ±P.
 */
function multiply(point: Uint8Array, ecdh: ECDH): Uint8Array | undefined {
  const x = ecdh.computeSecret(point);
  if (x.equals(point.subarray(1, 33))) return undefined;
  const next = ecdhOf(scalarToBytes(scalarFromBytes(ecdh.getPrivateKey()) + 1n)).computeSecret(
    point,
  );
  const expected = scalarFromBytes(next);
  return pointsOfX(x).find((candidate) => xOfSum(candidate, point) === expected);
}

/** SM2 encryption C1‖C3‖C2 on OpenSSL's curve arithmetic: Node has no SM2 encryption of its own. */
export const nativeSm2Encryption: Sm2EncryptionProvider = {
  encrypt(publicKey, plaintext) {
    let recipient: Uint8Array;
    try {
      recipient = uncompress(publicKey);
    } catch (cause) {
      throw new Fault("KEY_INVALID", "not a point of SM2's curve", { cause });
    }
    for (;;) {
      const ephemeral = ecdhOf(sm2KeyFormat.generateSecret());
      const shared = multiply(recipient, ephemeral);
      if (shared === undefined) continue;
      const ciphertext = sm2Ciphertext(ephemeral.getPublicKey(), shared, plaintext);
      if (ciphertext !== undefined) return ciphertext;
    }
  },

  publicKey: (secret) => ecdhOf(secret).getPublicKey(null, "compressed"),

  decrypt(secret, ciphertext) {
    const x = ecdhOf(secret).computeSecret(sm2FirstPoint(ciphertext));
    // C3 tells which of the two points it is; both are always tried, so that time does not.
    const opened = pointsOfX(x).map((shared) => sm2Plaintext(ciphertext, shared));
    const plaintext = opened[0] ?? opened[1];
    if (plaintext === undefined) throw new Error("C3 does not match");
    return plaintext;
  },
};
