import { CborReader } from "../cbor/reader.ts";
import { CborWriter } from "../cbor/writer.ts";
import { type Role, roleName, roles } from "./roles.ts";

export const MAX_NAME_BYTES = 64;
const PUBLIC_KEY_BYTES = 33;

/** An identity of the channel: `[role, publicKey, name]`. */
export interface Identity {
  readonly role: Role;
  readonly publicKey: Uint8Array;
  readonly name: string;
}

export function encodeIdentity(identity: Identity): Uint8Array {
  const writer = new CborWriter(64).array(3).uint(roles[identity.role]);
  return writer.bytes(identity.publicKey).text(identity.name).finish();
}

/** @throws Fault CBOR_* */
export function decodeIdentity(encoded: Uint8Array): Identity {
  const reader = new CborReader(encoded);
  const identity = readIdentity(reader);
  reader.end();
  return identity;
}

export function readIdentity(reader: CborReader): Identity {
  reader.tuple("identity", 3);
  return {
    role: roleName(reader.uint("role")),
    publicKey: reader.fixedBytes("publicKey", PUBLIC_KEY_BYTES),
    name: reader.text("name", MAX_NAME_BYTES),
  };
}
