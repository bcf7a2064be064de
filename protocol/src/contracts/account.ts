import { CborReader } from "../cbor/reader.ts";
import { CborWriter } from "../cbor/writer.ts";
import { IDENTITY_ID_BYTES } from "../crypto/identity-id.ts";
import type { StateTable } from "../ledger/state.ts";

/**
 * An account of the contract machine. Its storage is a tree of its own beside it, whose root is part
 * of the account's hash in the state (guide §4.3.1).
 */
export interface Account {
  /** Contracts it has created and, for an identity, transactions it has sent. */
  readonly nonce: number;
  /** Keccak-256 of the code; empty where the account is none of a contract. */
  readonly codeHash: Uint8Array;
  /** Identity id: whose account it is, or who deployed the contract. */
  readonly identityId: Uint8Array;
}

const text = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");

/** `a/<address>` → `[nonce, codeHash, identityId]`. */
export const accounts: StateTable<Uint8Array, Account> = {
  keyOf: (address) => `a/${text(address)}`,
  encode: ({ nonce, codeHash, identityId }) =>
    new CborWriter(56).array(3).uint(nonce).bytes(codeHash).bytes(identityId).finish(),
  decode(encoded) {
    const reader = new CborReader(encoded);
    reader.tuple("account", 3);
    const account = {
      nonce: reader.uint("nonce"),
      codeHash: reader.bytes("codeHash", 32),
      identityId: reader.bytes("identityId", IDENTITY_ID_BYTES),
    };
    reader.end();
    return account;
  },
};

/** `k/<keccak-256>` → the code, once however many contracts run it. */
export const codes: StateTable<Uint8Array, Uint8Array> = {
  keyOf: (codeHash) => `k/${text(codeHash)}`,
  encode: (code) => code,
  decode: (encoded) => encoded,
};

/** A place in the storage of a contract. */
export interface Slot {
  readonly address: Uint8Array;
  /** 32 bytes. */
  readonly slot: Uint8Array;
}

/** `s/<address><slot>` → the word without leading zeros; a slot of zero is not there. */
export const slots: StateTable<Slot, Uint8Array> = {
  keyOf: ({ address, slot }) => `s/${text(address)}${text(slot)}`,
  encode: (word) => word,
  decode: (encoded) => encoded,
};
