import { CborReader } from "../cbor/reader.ts";
import { CborWriter } from "../cbor/writer.ts";
import { requireSuite } from "../crypto/required-suite.ts";
import type { Suite } from "../crypto/suite.ts";
import { Fault } from "../faults.ts";
import {
  encodeIdentity,
  type Identity,
  MAX_NAME_BYTES,
  MAX_SUITE_ID,
  PUBLIC_KEY_BYTES,
} from "./enrolment.ts";
import { roleName, roles } from "./roles.ts";

export const FIRST_EPOCH = 1;
export const MAX_EPOCH = 0xffff_ffff;

/** A key of an identity and the first height of which it signs (guide §4.1.2 b). */
export interface IdentityKey {
  /** 1 for the key that was enrolled; more with each rotation. */
  readonly epoch: number;
  readonly suiteId: number;
  readonly publicKey: Uint8Array;
  readonly fromHeight: number;
}

/** The two keys of an identity that has rotated: `next` counts from its height on. */
export interface KeyTurn {
  readonly current: IdentityKey;
  readonly next: IdentityKey;
}

/** An identity as the state holds it. */
export interface LedgerIdentity extends Identity {
  /** Absent before the first rotation. */
  readonly turn?: KeyTurn;
}

/** Whose suite the keys have where nothing else is said; a `Chain` is one. */
export interface SuiteOwner {
  readonly suite: Suite;
}

/** The key that signs for the identity at a height: only it, no other (guide §4.1.2 b). */
export function keyAt(chain: SuiteOwner, identity: LedgerIdentity, height: number): IdentityKey {
  const { turn } = identity;
  if (turn === undefined) return firstKey(chain, identity);
  return height >= turn.next.fromHeight ? turn.next : turn.current;
}

/** The other key of the turn: one that did count, or will. */
export function otherKey(
  { turn }: LedgerIdentity,
  { epoch }: Pick<IdentityKey, "epoch">,
): IdentityKey | undefined {
  if (turn === undefined) return undefined;
  return turn.current.epoch === epoch ? turn.next : turn.current;
}

/** @param fromHeight where the identity came into the channel; 0 is the genesis */
export function firstKey(
  { suite }: SuiteOwner,
  { publicKey, suiteId = suite.id }: Identity,
  fromHeight = 0,
): IdentityKey {
  return { epoch: FIRST_EPOCH, suiteId, publicKey, fromHeight };
}

/** @throws Fault SUITE_MISSING where this process lacks it */
export function suiteOfKey(
  { suite }: SuiteOwner,
  { suiteId }: Pick<IdentityKey, "suiteId">,
): Suite {
  return suiteId === suite.id ? suite : requireSuite({ suiteId, packageName: "" });
}

/**
 * Before the first rotation as it was enrolled, then
 * `[role, publicKey, name, suite or null, [epoch, suite, key, from], [epoch, suite, key, from]]`.
 */
export function encodeLedgerIdentity(identity: LedgerIdentity): Uint8Array {
  const { role, publicKey, name, suiteId, turn } = identity;
  if (turn === undefined) return encodeIdentity(identity);
  const writer = new CborWriter(192).array(6).uint(roles[role]).bytes(publicKey).text(name);
  if (suiteId === undefined) writer.null();
  else writer.uint(suiteId);
  writeKey(writer, turn.current);
  return writeKey(writer, turn.next).finish();
}

/** @throws Fault CBOR_* */
export function decodeLedgerIdentity(encoded: Uint8Array): LedgerIdentity {
  const reader = new CborReader(encoded);
  const items = reader.array("identity", 6);
  if (items < 3 || items === 5) throw new Fault("CBOR_SHAPE", `an identity has ${items} items`);
  const identity = {
    role: roleName(reader.uint("role")),
    publicKey: reader.fixedBytes("publicKey", PUBLIC_KEY_BYTES),
    name: reader.text("name", MAX_NAME_BYTES),
    ...(items > 3 && readSuite(reader, items > 4)),
    ...(items > 4 && { turn: { current: readKey(reader), next: readKey(reader) } }),
  };
  reader.end();
  return identity;
}

function readSuite(reader: CborReader, mayBeNull: boolean): Pick<Identity, "suiteId"> {
  if (!mayBeNull || !reader.isNull) return { suiteId: reader.uint("suite", MAX_SUITE_ID) };
  reader.null("suite");
  return {};
}

export function writeKey(writer: CborWriter, key: IdentityKey): CborWriter {
  const { epoch, suiteId, publicKey, fromHeight } = key;
  return writer.array(4).uint(epoch).uint(suiteId).bytes(publicKey).uint(fromHeight);
}

export function readKey(reader: CborReader): IdentityKey {
  reader.tuple("key", 4);
  return {
    epoch: reader.uint("epoch", MAX_EPOCH),
    suiteId: reader.uint("suite", MAX_SUITE_ID),
    publicKey: reader.fixedBytes("publicKey", PUBLIC_KEY_BYTES),
    fromHeight: reader.uint("fromHeight"),
  };
}
