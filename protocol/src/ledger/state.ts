import { CborReader } from "../cbor/reader.ts";
import { CborWriter } from "../cbor/writer.ts";
import { IDENTITY_ID_BYTES } from "../crypto/identity-id.ts";
import {
  decodeLedgerIdentity,
  encodeLedgerIdentity,
  type LedgerIdentity,
} from "./identity-keys.ts";

/**
 * One kind of entry of the state: how its key and its value are written. A key is text of one byte a
 * character: a letter, `/`, and the name. Letters are never reused: `i` identity · `m` meter · `v`, `g`
 * validators and proposals (`protocol/governance`) · `t` missed turns (`turns.ts`) · `h` hashes of the
 * last blocks (`recent-hashes.ts`) · `c`, `x` standing and void certificates (`standing.ts`) ·
 * `u`, `o` past sets and offences (`past-sets.ts`, `offences.ts`) · `a`, `k`, `s` accounts, code and
 * storage of contracts, `e` energy of watched meters (`protocol/contracts`) · `w` transactions whose
 * window is open (`recent-transactions.ts`) · `q` committees (`protocol/committee`) ·
 * `r` keys kept for recovery (`kept-keys.ts`) · `n` mapped tables (`anchored-tables.ts`) ·
 * `p` audit logs of hubs (`anchored-logs.ts`) ·
 * `y`, `j` past keys and holders of keys (`key-tables.ts`) ·
 * `b` Ethereum accounts of identities (`protocol/contracts/account-binding`) ·
 * `d` data objects (`protocol/objects`) · `z` who keeps copies of them (`protocol/copies`) ·
 * `l`, `f` corrections of meters and what they made of values (`corrected-values.ts`).
 */
export interface StateTable<Name, Value> {
  keyOf(name: Name): string;
  encode(value: Value): Uint8Array;
  /** @throws Fault CBOR_* */
  decode(encoded: Uint8Array): Value;
}

/** The bytes of a key in the tree. */
export function stateKey(text: string): Uint8Array {
  return Buffer.from(text, "latin1");
}

/** `i/<id, 10 bytes>` → `[role, publicKey, name]`, and more where keys have rotated (`identity-keys.ts`). */
export const identities: StateTable<Uint8Array, LedgerIdentity> = {
  keyOf: (id) => `i/${Buffer.from(id.buffer, id.byteOffset, id.byteLength).toString("latin1")}`,
  encode: encodeLedgerIdentity,
  decode: decodeLedgerIdentity,
};

/** Where a meter's readings stand: what its next batch must follow. */
export interface MeterState {
  /** Identity id of the device the meter is bound to: the first that submitted for it. */
  readonly ownerId: Uint8Array;
  readonly sequence: number;
  /** Hash of the last batch's payload. */
  readonly payloadHash: Uint8Array;
  /** Unix time of the last reading in ms. */
  readonly lastTimeMs: number;
}

/** `m/<meter>` → `[ownerId, sequence, payloadHash, lastTimeMs]`. */
export const meters: StateTable<string, MeterState> = {
  keyOf: (meter) => `m/${meter}`,
  encode: (state) =>
    new CborWriter(72)
      .array(4)
      .bytes(state.ownerId)
      .uint(state.sequence)
      .bytes(state.payloadHash)
      .uint(state.lastTimeMs)
      .finish(),
  decode(encoded) {
    const reader = new CborReader(encoded);
    reader.tuple("meter", 4);
    const state = {
      ownerId: reader.fixedBytes("ownerId", IDENTITY_ID_BYTES),
      sequence: reader.uint("sequence"),
      payloadHash: reader.fixedBytes("payloadHash", 32),
      lastTimeMs: reader.uint("lastTimeMs"),
    };
    reader.end();
    return state;
  },
};
