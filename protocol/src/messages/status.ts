import { decodeSign1, encodeSign1, verifySign1 } from "../cose/sign1.ts";
import { identityId } from "../crypto/identity-id.ts";
import type { Signer, Suite } from "../crypto/suite.ts";
import { Fault } from "../faults.ts";
import { openMessage, startMessage } from "./envelope.ts";
import { messageType } from "./numbers.ts";

const MAX_STATUS_BYTES = 1_024;
const BOOT_ID_BYTES = 8;

/**
 * A node's signed heartbeat (guide §10.1, §10.3): a COSE_Sign1 over
 * `[version, 7, height, headHash, round, bootId, poolSize, timeMs]`.
 */
export interface Status {
  readonly height: number;
  readonly headHash: Uint8Array;
  readonly round: number;
  /** Random for each start: two of them at once mean that a key runs twice. */
  readonly bootId: Uint8Array;
  readonly poolSize: number;
  readonly timeMs: number;
}

export function encodeStatus(
  suite: Suite,
  signer: Signer,
  chainId: Uint8Array,
  status: Status,
): Uint8Array {
  const payload = startMessage(messageType.status, 8, 128)
    .uint(status.height)
    .bytes(status.headHash)
    .uint(status.round)
    .bytes(status.bootId)
    .uint(status.poolSize)
    .uint(status.timeMs)
    .finish();
  return encodeSign1(suite, signer, identityId(suite.hash, signer.publicKey), chainId, payload);
}

/** @throws Fault CBOR_*, SIGNATURE_INVALID */
export function verifyStatus(
  suite: Suite,
  publicKey: Uint8Array,
  chainId: Uint8Array,
  encoded: Uint8Array,
): Status {
  const message = decodeSign1(encoded, MAX_STATUS_BYTES);
  if (!verifySign1(suite, publicKey, chainId, message)) throw new Fault("SIGNATURE_INVALID");
  const reader = openMessage(message.payload, {
    name: "status",
    type: messageType.status,
    items: 8,
    maxBytes: MAX_STATUS_BYTES,
  });
  const status = {
    height: reader.uint("height"),
    headHash: reader.fixedBytes("headHash", 32),
    round: reader.uint("round", 0xffff_ffff),
    bootId: reader.fixedBytes("bootId", BOOT_ID_BYTES),
    poolSize: reader.uint("poolSize"),
    timeMs: reader.uint("timeMs"),
  };
  reader.end();
  return status;
}
