import { CborReader } from "../cbor/reader.ts";
import { CborWriter } from "../cbor/writer.ts";
import { Fault } from "../faults.ts";
import { type Role, roleName, roles } from "./roles.ts";

export const MAX_NAME_BYTES = 64;
export const PUBLIC_KEY_BYTES = 33;
export const MAX_SUITE_ID = 65_535;

/** An identity of the channel: `[role, publicKey, name]`, with the suite's number as a fourth item. */
export interface Identity {
  readonly role: Role;
  /** The first one; its hash is the identity's id for ever. Later ones: `identity-keys.ts`. */
  readonly publicKey: Uint8Array;
  readonly name: string;
  /** Suite of the first key, where it is not the channel's (guide §4.1.1 c). */
  readonly suiteId?: number;
}

export function encodeIdentity(identity: Identity): Uint8Array {
  const { role, publicKey, name, suiteId } = identity;
  const writer = new CborWriter(64).array(suiteId === undefined ? 3 : 4);
  writer.uint(roles[role]).bytes(publicKey).text(name);
  return (suiteId === undefined ? writer : writer.uint(suiteId)).finish();
}

/** @throws Fault CBOR_* */
export function decodeIdentity(encoded: Uint8Array): Identity {
  const reader = new CborReader(encoded);
  const identity = readIdentity(reader);
  reader.end();
  return identity;
}

/** @throws Fault CBOR_* */
export function readIdentity(reader: CborReader): Identity {
  const items = reader.array("identity", 4);
  if (items < 3) throw new Fault("CBOR_SHAPE", `an identity has ${items} items`);
  const identity = {
    role: roleName(reader.uint("role")),
    publicKey: reader.fixedBytes("publicKey", PUBLIC_KEY_BYTES),
    name: reader.text("name", MAX_NAME_BYTES),
  };
  return items === 3 ? identity : { ...identity, suiteId: reader.uint("suite", MAX_SUITE_ID) };
}
