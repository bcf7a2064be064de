import { CborReader } from "../cbor/reader.ts";
import { CborWriter } from "../cbor/writer.ts";
import { IDENTITY_ID_BYTES } from "../crypto/identity-id.ts";
import { Fault } from "../faults.ts";
import { type Custodian, MAX_CUSTODIANS } from "../recovery/recovery-plan.ts";
import { MAX_NAME_BYTES } from "./enrolment.ts";
import type { Role } from "./roles.ts";

/** Encryption keys of any suite; the ledger's own keys have 33. */
const MAX_KEY_BYTES = 65;
const COMMITMENT_BYTES = 33;
const KEPT = 1;

/** Who may be the owner, the one who asks, or a custodian of a key; the record's rules say more. */
export const RECOVERY_ROLES: readonly Role[] = [
  ...(["device", "operator", "application", "organisation"] as const),
  ...(["administrator", "supervisor", "auditor", "custodian"] as const),
];

/** What happened after the key was split, on the wire. Numbers are never reused. */
const steps = { asked: 2, approved: 3, completed: 4 } as const;
type Step = keyof typeof steps;
const names = new Map<number, Step>(
  (Object.entries(steps) as [Step, number][]).map(([name, number]) => [number, name]),
);

/** `[1, publicKey, commitments, [[custodian id, organisation], …]]`: the owner has split its key. */
export interface KeptRecord {
  readonly action: "kept";
  /** Of the encryption key. */
  readonly publicKey: Uint8Array;
  /** As many as custodians are needed. They say nothing about the key. */
  readonly commitments: readonly Uint8Array[];
  readonly custodians: readonly Custodian[];
}

/** `[2 asked | 3 approved | 4 completed, publicKey, recipientKey]`: all three name the same new key. */
export interface StepRecord {
  readonly action: Step;
  readonly publicKey: Uint8Array;
  /** The new key that shares are sealed to. */
  readonly recipientKey: Uint8Array;
}

/** A step of the recovery of an encryption key (guide §6.2.2). There is no secret in any of them. */
export type RecoveryRecord = KeptRecord | StepRecord;

export function encodeRecoveryRecord(record: RecoveryRecord): Uint8Array {
  const writer = new CborWriter(256);
  if (record.action !== "kept") {
    writer.array(3).uint(steps[record.action]).bytes(record.publicKey).bytes(record.recipientKey);
    return writer.finish();
  }
  writer.array(4).uint(KEPT).bytes(record.publicKey);
  writeParts(writer, record);
  return writer.finish();
}

export function writeParts(
  writer: CborWriter,
  { commitments, custodians }: Pick<KeptRecord, "commitments" | "custodians">,
): void {
  writer.array(commitments.length);
  for (const commitment of commitments) writer.bytes(commitment);
  writer.array(custodians.length);
  for (const { id, organisation } of custodians) writer.array(2).bytes(id).text(organisation);
}

/** The commitments and the custodians. @throws Fault CBOR_* */
export function partsFrom(reader: CborReader): Pick<KeptRecord, "commitments" | "custodians"> {
  const commitments: Uint8Array[] = [];
  for (let left = reader.array("commitments", MAX_CUSTODIANS); left > 0; left--) {
    commitments.push(reader.fixedBytes("commitment", COMMITMENT_BYTES));
  }
  const custodians: Custodian[] = [];
  for (let left = reader.array("custodians", MAX_CUSTODIANS); left > 0; left--) {
    reader.tuple("custodian", 2);
    const id = reader.fixedBytes("id", IDENTITY_ID_BYTES);
    custodians.push({ id, organisation: reader.text("organisation", MAX_NAME_BYTES) });
  }
  return { commitments, custodians };
}

/** @throws Fault CBOR_* */
export function decodeRecoveryRecord(encoded: Uint8Array): RecoveryRecord {
  const reader = new CborReader(encoded);
  const items = reader.array("recovery record", 4);
  const number = reader.uint("action");
  const publicKey = keyFrom(reader, "publicKey");
  const record = items === 4 && number === KEPT ? keptFrom(reader, publicKey) : undefined;
  if (record !== undefined) {
    reader.end();
    return record;
  }
  const action = names.get(number);
  if (items !== 3 || action === undefined) {
    throw new Fault("CBOR_SHAPE", "not an action of a recovery record");
  }
  const recipientKey = keyFrom(reader, "recipientKey");
  reader.end();
  return { action, publicKey, recipientKey };
}

function keptFrom(reader: CborReader, publicKey: Uint8Array): KeptRecord {
  return { action: "kept", publicKey, ...partsFrom(reader) };
}

/** @throws Fault CBOR_* */
export function keyFrom(reader: CborReader, name: string): Uint8Array {
  const key = reader.bytes(name, MAX_KEY_BYTES);
  if (key.length === 0) throw new Fault("CBOR_SHAPE", `${name} is empty`);
  return key;
}
