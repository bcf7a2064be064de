import { CborReader } from "../cbor/reader.ts";
import { CborWriter } from "../cbor/writer.ts";
import { decodeSign1, encodeSign1, type Sign1, verifySign1 } from "../cose/sign1.ts";
import { IDENTITY_ID_BYTES, identityId } from "../crypto/identity-id.ts";
import type { Signer, Suite } from "../crypto/suite.ts";
import { Fault } from "../faults.ts";

const MAX_PROOF_BYTES = 512;
export const CHALLENGE_BYTES = 32;
const PURPOSE = "rest-sign-in";

/** What a program signs to be let in: the hub's challenge, for that hub. */
export interface SignInProof {
  /** 32 bytes, as the hub gave them. */
  readonly challenge: Uint8Array;
  /** Identity id of the hub that the program means, 10 bytes. */
  readonly hub: Uint8Array;
}

/** A COSE_Sign1 over `["rest-sign-in", challenge, hub]`, bound to the chain (ADR 002). */
export function encodeSignInProof(
  suite: Suite,
  signer: Signer,
  chainId: Uint8Array,
  proof: SignInProof,
  keyId: Uint8Array = identityId(suite.hash, signer.publicKey),
): Uint8Array {
  const payload = new CborWriter(80).array(3).text(PURPOSE).bytes(proof.challenge).bytes(proof.hub);
  return encodeSign1(suite, signer, keyId, chainId, payload.finish());
}

/** The message, whose `keyId` says whose key to verify with. @throws Fault CBOR_* */
export function decodeSignInProof(encoded: Uint8Array): Sign1 {
  return decodeSign1(encoded, MAX_PROOF_BYTES);
}

/** @throws Fault CBOR_*, SIGNATURE_INVALID. The caller checks challenge and hub. */
export function verifySignInProof(
  suite: Suite,
  publicKey: Uint8Array,
  chainId: Uint8Array,
  message: Sign1,
): SignInProof {
  if (!verifySign1(suite, publicKey, chainId, message)) throw new Fault("SIGNATURE_INVALID");
  const reader = new CborReader(message.payload);
  reader.tuple("sign-in proof", 3);
  if (reader.text("purpose", 32) !== PURPOSE) {
    throw new Fault("SIGNATURE_INVALID", "another purpose");
  }
  const challenge = reader.fixedBytes("challenge", CHALLENGE_BYTES);
  const hub = reader.fixedBytes("hub", IDENTITY_ID_BYTES);
  reader.end();
  return { challenge, hub };
}
