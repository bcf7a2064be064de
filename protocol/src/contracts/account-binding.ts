import { CborReader } from "../cbor/reader.ts";
import { CborWriter } from "../cbor/writer.ts";
import { IDENTITY_ID_BYTES } from "../crypto/identity-id.ts";
import { Fault } from "../faults.ts";
import { equalBytes, formatHex } from "../hex.ts";
import type { StateTable } from "../ledger/state.ts";
import { ADDRESS_BYTES } from "./address.ts";
import { recoverAddress } from "./ethereum-keys.ts";
import { keccak256 } from "./keccak.ts";

const PROOF_BYTES = 65;

/** The payload of kind 30: `[address, proof or null]`; without a proof the binding ends. */
export interface AccountBinding {
  /** An Ethereum account, secp256k1. */
  readonly address: Uint8Array;
  /** The account's `personal_sign` of `bindingText`: r, s and 27 or 28. */
  readonly proof: Uint8Array | undefined;
}

export function encodeAccountBinding({ address, proof }: AccountBinding): Uint8Array {
  const writer = new CborWriter(96).array(2).bytes(address);
  return (proof === undefined ? writer.null() : writer.bytes(proof)).finish();
}

/** @throws Fault CBOR_* */
export function decodeAccountBinding(encoded: Uint8Array): AccountBinding {
  const reader = new CborReader(encoded);
  reader.tuple("account binding", 2);
  const address = reader.fixedBytes("address", ADDRESS_BYTES);
  let proof: Uint8Array | undefined;
  if (reader.isNull) reader.null("proof");
  else proof = reader.fixedBytes("proof", PROOF_BYTES);
  reader.end();
  return { address, proof };
}

/** What the account signs to show that it is the identity's: a wallet shows it as it stands. */
export function bindingText(chainId: Uint8Array, identityId: Uint8Array): string {
  return `Gridledger account\nchain: ${formatHex(chainId)}\nidentity: ${formatHex(identityId)}`;
}

/** True when the account has signed the text, as EIP-191 (version 0x45) writes it. */
export function isBindingProof(text: string, address: Uint8Array, proof: Uint8Array): boolean {
  const message = Buffer.from(text, "utf8");
  const prefix = Buffer.from(`\x19Ethereum Signed Message:\n${message.length}`, "latin1");
  const v = proof[64];
  if (proof.length !== PROOF_BYTES || (v !== 27 && v !== 28)) return false;
  const part = (from: number) => BigInt(`0x${formatHex(proof.subarray(from, from + 32))}`);
  const signature = { r: part(0), s: part(32), yParity: v === 27 ? 0 : 1 } as const;
  try {
    const hash = keccak256(Buffer.concat([prefix, message]));
    return equalBytes(recoverAddress(hash, signature), address);
  } catch (thrown) {
    if (thrown instanceof Fault) return false;
    throw thrown;
  }
}

/** Whose an Ethereum account is. It stays when it ends: nobody else can ever have the account. */
export interface BoundAccount {
  readonly identityId: Uint8Array;
  readonly isReleased: boolean;
}

/** `b/<address>` → `[identityId, isReleased]`. */
export const boundAccounts: StateTable<Uint8Array, BoundAccount> = {
  keyOf: (address) =>
    `b/${Buffer.from(address.buffer, address.byteOffset, address.byteLength).toString("latin1")}`,
  encode: ({ identityId, isReleased }) =>
    new CborWriter(16).array(2).bytes(identityId).bool(isReleased).finish(),
  decode(encoded) {
    const reader = new CborReader(encoded);
    reader.tuple("bound account", 2);
    const identityId = reader.fixedBytes("identityId", IDENTITY_ID_BYTES);
    const bound = { identityId, isReleased: reader.bool("isReleased") };
    reader.end();
    return bound;
  },
};
