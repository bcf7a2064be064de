import { Fault } from "../../faults.ts";
import { sm3 } from "../hashes.ts";
import { KeyCache } from "../key-cache.ts";
import type { SignatureProvider } from "../signature.ts";
import { sm2Curve, sm2IdentityInput, sm2KeyFormat } from "../sm2-curve.ts";
import { Sm2Point, scalarFromBytes, scalarToBytes } from "./sm2-point.ts";

const { n } = sm2Curve;
const scalars = Sm2Point.Fn;

const keys = new KeyCache((publicKey) => {
  if (publicKey.length !== 33) throw new Fault("KEY_INVALID", "a public key has 33 bytes");
  try {
    const point = Sm2Point.fromBytes(publicKey);
    point.assertValidity();
    return { point, identity: sm3.hash(sm2IdentityInput(point.toBytes(false))) };
  } catch (cause) {
    throw new Fault("KEY_INVALID", "not a point of SM2's curve", { cause });
  }
});

/** e = H(ZA ‖ M), GB/T 32918.2 §6.1 A1–A2. */
function digest(identity: Uint8Array, message: Uint8Array): bigint {
  return scalars.create(scalarFromBytes(sm3.hash(identity, message)));
}

/** GB/T 32918.2 §6.1 A4–A6 for one k; undefined where another k must be drawn. */
export function sm2SignatureForK(secret: bigint, e: bigint, k: bigint): Uint8Array | undefined {
  const x1 = Sm2Point.BASE.multiply(k).x;
  const r = scalars.create(e + x1);
  if (r === 0n || r + k === n) return undefined;
  const numerator = scalars.sub(k, scalars.mul(r, secret));
  const s = scalars.mul(scalars.inv(scalars.create(1n + secret)), numerator);
  return s === 0n ? undefined : Buffer.concat([scalarToBytes(r), scalarToBytes(s)]);
}

/** SM2 signatures (GB/T 32918.2) on noble's curve arithmetic, under the default user ID. */
export const portableSm2: SignatureProvider = {
  signer(secret) {
    const d = scalarFromBytes(secret);
    const publicKey = Sm2Point.BASE.multiply(d).toBytes(true);
    const { identity } = keys.get(publicKey);
    return {
      publicKey,
      sign(message) {
        const e = digest(identity, message);
        for (;;) {
          const k = scalarFromBytes(sm2KeyFormat.generateSecret());
          const signature = sm2SignatureForK(d, e, k);
          if (signature !== undefined) return signature;
        }
      },
    };
  },

  checkPublicKey(publicKey) {
    keys.get(publicKey);
  },

  // GB/T 32918.2 §7.1 B1–B7
  verify(publicKey, message, signature) {
    const { point, identity } = keys.get(publicKey);
    if (signature.length !== 64) return false;
    const r = scalarFromBytes(signature.subarray(0, 32));
    const s = scalarFromBytes(signature.subarray(32));
    if (r === 0n || r >= n || s === 0n || s >= n) return false;
    const t = scalars.add(r, s);
    if (t === 0n) return false;
    const sum = Sm2Point.BASE.mulAddUnsafe(s, point, t);
    if (sum.is0()) return false;
    return scalars.create(digest(identity, message) + sum.x) === r;
  },
};
