import { CborWriter } from "../cbor/writer.ts";
import type { Hash } from "../crypto/suite.ts";
import type { Escrow } from "./escrow.ts";

/** As many bytes as a transaction's nonce may have: nobody finds a second content for them. */
const DIGEST_BYTES = 16;

/** Why somebody asks for a key, and until when custodians may answer. */
export interface RecoveryTerms {
  readonly reason: string;
  /** The law, contract or order that the request rests on. */
  readonly legalBasis: string;
  /** Unix ms. */
  readonly expiresMs: number;
}

/**
 * What a step carries beside its record goes to the hub and not onto the chain. The transaction's nonce
 * is its digest, so the sender's signature is over both and nobody puts another content beside a record.
 */
export function depositDigest(
  hash: Hash,
  label: string,
  { box, sealedShares }: Pick<Escrow, "box" | "sealedShares">,
): Uint8Array {
  const writer = new CborWriter(1_024).array(4).text("deposit").text(label).bytes(box);
  writer.array(sealedShares.length);
  for (const sealed of sealedShares) writer.bytes(sealed);
  return digest(hash, writer);
}

export function termsDigest(
  hash: Hash,
  { reason, legalBasis, expiresMs }: RecoveryTerms,
): Uint8Array {
  const writer = new CborWriter(512).array(4).text("terms").text(reason).text(legalBasis);
  return digest(hash, writer.uint(expiresMs));
}

/** @param sealed a share, sealed to the new key of who asked */
export function releaseDigest(hash: Hash, sealed: Uint8Array): Uint8Array {
  return digest(hash, new CborWriter(512).array(2).text("release").bytes(sealed));
}

function digest(hash: Hash, writer: CborWriter): Uint8Array {
  return hash(writer.finish()).subarray(0, DIGEST_BYTES);
}
