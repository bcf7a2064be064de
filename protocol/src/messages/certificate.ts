import type { CborReader } from "../cbor/reader.ts";
import type { CborWriter } from "../cbor/writer.ts";
import { Fault } from "../faults.ts";
import { readSeal, type Seal, writeSeal } from "../ledger/seal.ts";
import { type VoteType, voteType } from "../ledger/vote.ts";
import { openMessage, startMessage } from "./envelope.ts";
import { messageType } from "./numbers.ts";

const MAX_BYTES = 131_072;

/** A quorum of PREPARE signatures of `seal.round` over one block: `[blockHash, seal]`. */
export interface PreparedCertificate {
  readonly blockHash: Uint8Array;
  readonly seal: Seal;
}

export function writePrepared(
  writer: CborWriter,
  prepared: PreparedCertificate | null,
): CborWriter {
  if (prepared === null) return writer.null();
  return writeSeal(writer.array(2).bytes(prepared.blockHash), prepared.seal);
}

/** @throws Fault CBOR_*, SEAL_INVALID */
export function readPrepared(reader: CborReader): PreparedCertificate | null {
  if (reader.isNull) {
    reader.null("prepared");
    return null;
  }
  reader.tuple("prepared", 2);
  return { blockHash: reader.fixedBytes("blockHash", 32), seal: readSeal(reader) };
}

/**
 * Votes of many validators in one message, put together by anybody (a relay beside the broker for more
 * than 7 validators): `[version, 6, voteType, height, blockHash, seal]`. Carries no signature of its
 * own; each vote in it counts as if it had come alone.
 */
export interface Certificate {
  readonly type: VoteType;
  readonly height: number;
  readonly blockHash: Uint8Array;
  readonly seal: Seal;
}

export function encodeCertificate(certificate: Certificate): Uint8Array {
  const initialBytes = 80 + certificate.seal.signatures.length * 70;
  const writer = startMessage(messageType.certificate, 6, initialBytes).uint(certificate.type);
  writer.uint(certificate.height).bytes(certificate.blockHash);
  return writeSeal(writer, certificate.seal).finish();
}

/** @throws Fault CBOR_*, SEAL_INVALID */
export function decodeCertificate(encoded: Uint8Array): Certificate {
  const shape = {
    name: "certificate",
    type: messageType.certificate,
    items: 6,
    maxBytes: MAX_BYTES,
  };
  const reader = openMessage(encoded, shape);
  const type = reader.uint("voteType");
  if (type !== voteType.prepare && type !== voteType.commit) {
    throw new Fault("CBOR_SHAPE", `votes of type ${type} are not bundled`);
  }
  const height = reader.uint("height");
  const blockHash = reader.fixedBytes("blockHash", 32);
  const seal = readSeal(reader);
  reader.end();
  return { type, height, blockHash, seal };
}
