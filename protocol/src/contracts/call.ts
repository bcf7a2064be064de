import { CborReader } from "../cbor/reader.ts";
import { CborWriter } from "../cbor/writer.ts";
import { ADDRESS_BYTES } from "./address.ts";

const MAX_CALL_DATA_BYTES = 131_072;

/** The payload of a call, kind 11: `[gasLimit, to, data]`. No value: the chain has no coin. */
export interface ContractCall {
  readonly gasLimit: number;
  /** The contract's address. */
  readonly to: Uint8Array;
  /** Selector and arguments as the contract's ABI writes them. */
  readonly data: Uint8Array;
}

export function encodeContractCall({ gasLimit, to, data }: ContractCall): Uint8Array {
  const writer = new CborWriter(data.length + 40).array(3).uint(gasLimit);
  return writer.bytes(to).bytes(data).finish();
}

/** @throws Fault CBOR_* */
export function decodeContractCall(encoded: Uint8Array): ContractCall {
  const reader = new CborReader(encoded);
  reader.tuple("contract call", 3);
  const gasLimit = reader.uint("gasLimit");
  const to = reader.fixedBytes("to", ADDRESS_BYTES);
  const data = reader.bytes("data", MAX_CALL_DATA_BYTES);
  reader.end();
  return { gasLimit, to, data };
}
