import { weierstrass } from "@noble/curves/abstract/weierstrass.js";
import { sm2Curve } from "../sm2-curve.ts";

/** Points of SM2's curve (GB/T 32918.5 §2) on noble's arithmetic. */
export const Sm2Point = weierstrass<bigint>({
  p: sm2Curve.p,
  n: sm2Curve.n,
  h: 1n,
  a: sm2Curve.a,
  b: sm2Curve.b,
  Gx: sm2Curve.gx,
  Gy: sm2Curve.gy,
});

export function scalarFromBytes(scalar: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(scalar).toString("hex")}`);
}

export function scalarToBytes(scalar: bigint): Uint8Array {
  return Buffer.from(scalar.toString(16).padStart(64, "0"), "hex");
}
