import { CborReader } from "../cbor/reader.ts";
import { CborWriter } from "../cbor/writer.ts";

/** EIP-3860: no contract is created from more. */
export const MAX_INIT_CODE_BYTES = 49_152;

/** The payload of a deployment, kind 10: `[gasLimit, initCode]`. */
export interface Deployment {
  readonly gasLimit: number;
  /** What runs once and returns the contract's code, constructor arguments at its end. */
  readonly initCode: Uint8Array;
}

export function encodeDeployment({ gasLimit, initCode }: Deployment): Uint8Array {
  return new CborWriter(initCode.length + 16).array(2).uint(gasLimit).bytes(initCode).finish();
}

/** @throws Fault CBOR_* */
export function decodeDeployment(encoded: Uint8Array): Deployment {
  const reader = new CborReader(encoded);
  reader.tuple("deployment", 2);
  const gasLimit = reader.uint("gasLimit");
  const initCode = reader.bytes("initCode", MAX_INIT_CODE_BYTES);
  reader.end();
  return { gasLimit, initCode };
}
