import { decodeSign1, encodeSign1, verifySign1 } from "../cose/sign1.ts";
import { identityId } from "../crypto/identity-id.ts";
import type { Signer, Suite } from "../crypto/suite.ts";
import { Fault } from "../faults.ts";
import { openMessage, startMessage } from "./envelope.ts";
import { messageType } from "./numbers.ts";

const MAX_ARCHIVE_BYTES = 512;

/**
 * An archive's signed word that it holds every block of the chain up to a height, durably: a
 * COSE_Sign1 over `[version, 21, height, blockHash, timeMs]`, published on the archive's status topic.
 * Only on this word may a node prune bodies.
 */
export interface Archive {
  readonly height: number;
  /** Hash of the block at that height: an archive of another chain confirms nothing. */
  readonly blockHash: Uint8Array;
  /** Unix time in ms: an older confirmation is a replay. */
  readonly timeMs: number;
}

export function encodeArchive(
  suite: Suite,
  signer: Signer,
  chainId: Uint8Array,
  { height, blockHash, timeMs }: Archive,
): Uint8Array {
  const payload = startMessage(messageType.archive, 5, 96)
    .uint(height)
    .bytes(blockHash)
    .uint(timeMs)
    .finish();
  return encodeSign1(suite, signer, identityId(suite.hash, signer.publicKey), chainId, payload);
}

/** @throws Fault CBOR_*, SIGNATURE_INVALID */
export function verifyArchive(
  suite: Suite,
  publicKey: Uint8Array,
  chainId: Uint8Array,
  encoded: Uint8Array,
): Archive {
  const message = decodeSign1(encoded, MAX_ARCHIVE_BYTES);
  if (!verifySign1(suite, publicKey, chainId, message)) throw new Fault("SIGNATURE_INVALID");
  const reader = openMessage(message.payload, {
    name: "archive",
    type: messageType.archive,
    items: 5,
    maxBytes: MAX_ARCHIVE_BYTES,
  });
  const archive = {
    height: reader.uint("height"),
    blockHash: Uint8Array.from(reader.fixedBytes("blockHash", 32)),
    timeMs: reader.uint("timeMs"),
  };
  reader.end();
  return archive;
}
