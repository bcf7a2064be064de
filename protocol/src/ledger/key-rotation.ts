import { CborReader } from "../cbor/reader.ts";
import { CborWriter } from "../cbor/writer.ts";
import { IDENTITY_ID_BYTES } from "../crypto/identity-id.ts";
import type { Signer, Suite } from "../crypto/suite.ts";
import { Fault } from "../faults.ts";
import { MAX_SUITE_ID, PUBLIC_KEY_BYTES } from "./enrolment.ts";
import { MAX_EPOCH } from "./identity-keys.ts";
import type { Role } from "./roles.ts";

const PURPOSE = "key-rotation";
const SIGNATURE_BYTES = 64;
const MAX_NAME_BYTES = 64;
/** As in key pages: names stand in file names. */
const NAME = /^[a-z0-9][a-z0-9-]*$/;

/** Blocks from the one that holds a rotation to the first that the new key signs, at least … */
export const ROTATION_MIN_AHEAD_BLOCKS = 8;
/** … and at most. */
export const ROTATION_MAX_AHEAD_BLOCKS = 8_192;
/** How far the number of a key may run ahead: pages that were made and never used leave gaps. */
export const MAX_EPOCH_STEP = 16;
/** Blocks after a turn for which brokers still let the old key connect: a device may not know yet. */
export const CONNECT_GRACE_BLOCKS = 32;

/**
 * Who rotates by a transaction. A validator's or candidate's key is its seat and changes by the vote
 * `replace`; orders of organisations (break-glass) name the keys of the genesis.
 */
export const ROTATION_ROLES: readonly Role[] = [
  ...(["device", "operator", "hub", "application"] as const),
  ...(["administrator", "supervisor", "auditor", "custodian"] as const),
];

/** What a rotation says, without the proof. */
interface RotationTerms {
  readonly identityId: Uint8Array;
  /** The key page: (module, scheme, epoch), guide §4.1.2 a). */
  readonly module: string;
  readonly scheme: string;
  readonly epoch: number;
  readonly suiteId: number;
  readonly publicKey: Uint8Array;
  /** The first height that the new key signs; the old one signs those before. */
  readonly fromHeight: number;
}

/**
 * Another key for an identity (guide §4.1.2 b):
 * `[identityId, module, scheme, epoch, suite, publicKey, fromHeight, proof]`. The transaction is signed
 * by the key of now, `proof` by the new one, so that nobody can take a key that is not his.
 */
export interface KeyRotation extends RotationTerms {
  /** 64 bytes, over `["key-rotation", chainId, …the other seven]`. */
  readonly proof: Uint8Array;
}

export function encodeKeyRotation(rotation: KeyRotation): Uint8Array {
  const writer = writeTerms(new CborWriter(256).array(8), rotation);
  return writer.bytes(rotation.proof).finish();
}

/** The new key agrees. @param signer of the new key */
export function proveRotation(
  chainId: Uint8Array,
  signer: Signer,
  terms: Omit<RotationTerms, "publicKey">,
): KeyRotation {
  const whole = { ...terms, publicKey: signer.publicKey };
  return { ...whole, proof: signer.sign(provenBytes(chainId, whole)) };
}

/** @throws Fault CBOR_* */
export function decodeKeyRotation(encoded: Uint8Array): KeyRotation {
  const reader = new CborReader(encoded);
  reader.tuple("key rotation", 8);
  const rotation = {
    identityId: reader.fixedBytes("identityId", IDENTITY_ID_BYTES),
    module: readName(reader, "module"),
    scheme: readName(reader, "scheme"),
    epoch: reader.uint("epoch", MAX_EPOCH),
    suiteId: reader.uint("suite", MAX_SUITE_ID),
    publicKey: reader.fixedBytes("publicKey", PUBLIC_KEY_BYTES),
    fromHeight: reader.uint("fromHeight"),
    proof: reader.fixedBytes("proof", SIGNATURE_BYTES),
  };
  reader.end();
  return rotation;
}

/** True when the holder of the new key agreed to exactly this, on this channel. */
export function verifyRotationProof(
  suite: Suite,
  chainId: Uint8Array,
  rotation: KeyRotation,
): boolean {
  return suite.verify(rotation.publicKey, provenBytes(chainId, rotation), rotation.proof);
}

function provenBytes(chainId: Uint8Array, terms: RotationTerms): Uint8Array {
  return writeTerms(new CborWriter(256).array(9).text(PURPOSE).bytes(chainId), terms).finish();
}

function writeTerms(writer: CborWriter, terms: RotationTerms): CborWriter {
  const { identityId, module, scheme, epoch, suiteId, publicKey, fromHeight } = terms;
  writer.bytes(identityId).text(module).text(scheme).uint(epoch);
  return writer.uint(suiteId).bytes(publicKey).uint(fromHeight);
}

function readName(reader: CborReader, what: string): string {
  const name = reader.text(what, MAX_NAME_BYTES);
  if (!NAME.test(name)) throw new Fault("CBOR_SHAPE", `${what} is not the name of a page`);
  return name;
}
