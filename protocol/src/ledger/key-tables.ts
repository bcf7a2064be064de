import { CborReader } from "../cbor/reader.ts";
import { CborWriter } from "../cbor/writer.ts";
import { IDENTITY_ID_BYTES } from "../crypto/identity-id.ts";
import { type IdentityKey, readKey, writeKey } from "./identity-keys.ts";
import type { StateTable } from "./state.ts";

const EPOCH_BYTES = 4;

const textOf = (bytes: Uint8Array) =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");

interface KeyPlace {
  readonly identityId: Uint8Array;
  readonly epoch: number;
}

/** `y/<identity id><epoch>` → `[epoch, suite, key, from]`: keys of the past, kept for ever (guide §4.1.2 b). */
export const pastKeys: StateTable<KeyPlace, IdentityKey> = {
  keyOf({ identityId, epoch }) {
    const number = Buffer.alloc(EPOCH_BYTES);
    number.writeUInt32BE(epoch);
    return `y/${textOf(identityId)}${textOf(number)}`;
  },
  encode: (key) => writeKey(new CborWriter(64), key).finish(),
  decode(encoded) {
    const reader = new CborReader(encoded);
    const key = readKey(reader);
    reader.end();
    return key;
  },
};

/** `j/<id of a rotated key>` → the identity that has, had or will have it: one key, one identity. */
export const keyHolders: StateTable<Uint8Array, Uint8Array> = {
  keyOf: (keyId) => `j/${textOf(keyId)}`,
  encode: (identityId) => new CborWriter(16).bytes(identityId).finish(),
  decode(encoded) {
    const reader = new CborReader(encoded);
    const identityId = Uint8Array.from(reader.fixedBytes("identityId", IDENTITY_ID_BYTES));
    reader.end();
    return identityId;
  },
};
