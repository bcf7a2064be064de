import type { Hash } from "../crypto/suite.ts";
import { Fault } from "../faults.ts";
import { formatHex } from "../hex.ts";

export const ADDRESS_BYTES = 20;

/** The account of an identity: the last 20 bytes of the suite's hash of its public key. */
export function addressOf(hash: Hash, publicKey: Uint8Array): Uint8Array {
  return hash(publicKey).subarray(-ADDRESS_BYTES);
}

/** `0x` and 40 lower-case digits, as programs of the Ethereum world write it. */
export function formatAddress(address: Uint8Array): string {
  return `0x${formatHex(address)}`;
}

/** @throws Fault REQUEST_INVALID */
export function parseAddress(text: string): Uint8Array {
  if (!/^0x[0-9a-fA-F]{40}$/.test(text)) {
    throw new Fault("REQUEST_INVALID", "an address is 0x and 40 hexadecimal digits");
  }
  return Buffer.from(text.slice(2), "hex");
}

/** What CHAINID answers: the first 6 bytes of the chain id, so that every program can hold it. */
export function evmChainId(chainId: Uint8Array): number {
  return Buffer.from(chainId).readUIntBE(0, 6);
}
