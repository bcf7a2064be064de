import { Fault, type FaultCode, faultTable } from "../faults.ts";
import { openMessage, startMessage } from "./envelope.ts";
import { messageType } from "./numbers.ts";

const MAX_DETAIL_BYTES = 256;

/**
 * A validator's answer to a transaction it does not take: `[version, 14, txHash, code, detail, height]`.
 * Unsigned: a hint to the sender, who believes only receipts.
 */
export interface Refusal {
  readonly txHash: Uint8Array;
  readonly code: FaultCode;
  readonly detail: string;
  /** Head of the refusing node, so that a sender can choose its next validUntilHeight. */
  readonly headHeight: number;
}

export function encodeRefusal(refusal: Refusal): Uint8Array {
  return startMessage(messageType.refusal, 6, 160)
    .bytes(refusal.txHash)
    .text(refusal.code)
    .text(refusal.detail.slice(0, MAX_DETAIL_BYTES / 4))
    .uint(refusal.headHeight)
    .finish();
}

/** @throws Fault CBOR_* */
export function decodeRefusal(encoded: Uint8Array): Refusal {
  const reader = openMessage(encoded, {
    name: "refusal",
    type: messageType.refusal,
    items: 6,
    maxBytes: 1_024,
  });
  const txHash = reader.fixedBytes("txHash", 32);
  const code = reader.text("code", 64);
  if (!Object.hasOwn(faultTable, code)) throw new Fault("CBOR_SHAPE", "unknown fault code");
  const detail = reader.text("detail", MAX_DETAIL_BYTES);
  const headHeight = reader.uint("headHeight");
  reader.end();
  return { txHash, code: code as FaultCode, detail, headHeight };
}
