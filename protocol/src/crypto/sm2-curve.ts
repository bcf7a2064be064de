import { ecKeyFormat } from "./key-format.ts";

const hex = (text: string) => Buffer.from(text.replaceAll(" ", ""), "hex");

/** The curve of GB/T 32918.5 §2 (sm2p256v1), 1.2.156.10197.1.301. */
export const sm2Curve = {
  oid: hex("2a811ccf5501822d"),
  p: 0xfffffffeffffffffffffffffffffffffffffffff00000000ffffffffffffffffn,
  n: 0xfffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54123n,
  a: 0xfffffffeffffffffffffffffffffffffffffffff00000000fffffffffffffffcn,
  b: 0x28e9fa9e9d9f5e344d5a9e4bcf6509a7f39789f515ab8f92ddbcbd414d940e93n,
  gx: 0x32c4ae2c1f1981195f9904466a39c9948fe30bbff2660be1715a4589334c74c7n,
  gy: 0xbc3736a2f4f6779c59bdcee36b692153d0a9877cc62a474002df32e52139f0a0n,
} as const;

/** d ≤ n − 2, so that 1 + d has an inverse (GB/T 32918.1 §6.1). */
export const sm2KeyFormat = ecKeyFormat(sm2Curve.oid, sm2Curve.n - 2n);

/** The user ID where the parties have agreed on no other (GB/T 35276 §10, GM/T 0009 §10). */
const DEFAULT_USER_ID = Buffer.from("1234567812345678");

const toBytes = (value: bigint) => hex(value.toString(16).padStart(64, "0"));

/** ENTL‖ID‖a‖b‖xG‖yG of GB/T 32918.2 §5.5: the part of ZA that all keys share. */
const IDENTITY_PREFIX = Buffer.concat([
  Buffer.of(0, 8 * DEFAULT_USER_ID.length),
  DEFAULT_USER_ID,
  ...[sm2Curve.a, sm2Curve.b, sm2Curve.gx, sm2Curve.gy].map(toBytes),
]);

/** What is hashed into ZA, GB/T 32918.2 §5.5. `point` is uncompressed, 65 bytes. */
export function sm2IdentityInput(point: Uint8Array): Uint8Array {
  return Buffer.concat([IDENTITY_PREFIX, point.subarray(1)]);
}
