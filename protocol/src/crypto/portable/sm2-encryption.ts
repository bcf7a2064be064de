import { Fault } from "../../faults.ts";
import { sm2KeyFormat } from "../sm2-curve.ts";
import {
  type Sm2EncryptionProvider,
  sm2Ciphertext,
  sm2FirstPoint,
  sm2Plaintext,
} from "../sm2-encryption.ts";
import { Sm2Point, scalarFromBytes } from "./sm2-point.ts";

type Point = InstanceType<typeof Sm2Point>;

/** GB/T 32918.4 §6.1 A2–A8 for one k; undefined where another k must be drawn. */
export function sm2CiphertextForK(recipient: Point, plaintext: Uint8Array, k: bigint) {
  const c1 = Sm2Point.BASE.multiply(k).toBytes(false);
  return sm2Ciphertext(c1, recipient.multiply(k).toBytes(false), plaintext);
}

/** SM2 encryption C1‖C3‖C2 on noble's curve arithmetic. */
export const portableSm2Encryption: Sm2EncryptionProvider = {
  encrypt(publicKey, plaintext) {
    let recipient: Point;
    try {
      recipient = Sm2Point.fromBytes(publicKey);
      recipient.assertValidity();
    } catch (cause) {
      throw new Fault("KEY_INVALID", "not a point of SM2's curve", { cause });
    }
    for (;;) {
      const k = scalarFromBytes(sm2KeyFormat.generateSecret());
      const ciphertext = sm2CiphertextForK(recipient, plaintext, k);
      if (ciphertext !== undefined) return ciphertext;
    }
  },

  publicKey: (secret) => Sm2Point.BASE.multiply(scalarFromBytes(secret)).toBytes(true),

  decrypt(secret, ciphertext) {
    const c1 = Sm2Point.fromBytes(sm2FirstPoint(ciphertext));
    c1.assertValidity();
    const shared = c1.multiply(scalarFromBytes(secret)).toBytes(false);
    const plaintext = sm2Plaintext(ciphertext, shared);
    if (plaintext === undefined) throw new Error("C3 does not match");
    return plaintext;
  },
};
