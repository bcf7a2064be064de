import { CborReader } from "../cbor/reader.ts";
import { CborWriter } from "../cbor/writer.ts";
import { IDENTITY_ID_BYTES } from "../crypto/identity-id.ts";
import { type Custodian, MAX_CUSTODIANS } from "../recovery/recovery-plan.ts";
import { keyFrom, partsFrom, writeParts } from "./recovery-record.ts";
import type { StateTable } from "./state.ts";

/** Somebody asks for a key. Undecided until it is completed or another request takes its place. */
export interface RecoveryRequest {
  readonly requesterId: Uint8Array;
  readonly recipientKey: Uint8Array;
  /** Of the block that holds it. */
  readonly height: number;
  /** Places of the custodians that approved, from 1, in the order of their approvals. */
  readonly approvals: readonly number[];
}

/** An encryption key that custodians keep (guide §6.2.2). */
export interface KeptKey {
  readonly ownerId: Uint8Array;
  readonly commitments: readonly Uint8Array[];
  readonly custodians: readonly Custodian[];
  readonly request: RecoveryRequest | undefined;
}

/** `r/<public key>` → `[ownerId, commitments, custodians, request or null]`. */
export const keptKeys: StateTable<Uint8Array, KeptKey> = {
  keyOf: (key) => `r/${Buffer.from(key.buffer, key.byteOffset, key.byteLength).toString("latin1")}`,
  encode(kept) {
    const writer = new CborWriter(256).array(4).bytes(kept.ownerId);
    writeParts(writer, kept);
    writeRequest(writer, kept.request);
    return writer.finish();
  },
  decode(encoded) {
    const reader = new CborReader(encoded);
    reader.tuple("kept key", 4);
    const ownerId = reader.fixedBytes("ownerId", IDENTITY_ID_BYTES);
    const kept = { ownerId, ...partsFrom(reader), request: requestFrom(reader) };
    reader.end();
    return kept;
  },
};

function writeRequest(writer: CborWriter, request: RecoveryRequest | undefined): void {
  if (request === undefined) {
    writer.null();
    return;
  }
  const { requesterId, recipientKey, height, approvals } = request;
  writer.array(4).bytes(requesterId).bytes(recipientKey).uint(height).array(approvals.length);
  for (const place of approvals) writer.uint(place);
}

function requestFrom(reader: CborReader): RecoveryRequest | undefined {
  if (reader.isNull) {
    reader.null("request");
    return undefined;
  }
  reader.tuple("request", 4);
  const requesterId = reader.fixedBytes("requesterId", IDENTITY_ID_BYTES);
  const recipientKey = keyFrom(reader, "recipientKey");
  const height = reader.uint("height");
  const approvals: number[] = [];
  for (let left = reader.array("approvals", MAX_CUSTODIANS); left > 0; left--) {
    approvals.push(reader.uint("place", MAX_CUSTODIANS));
  }
  return { requesterId, recipientKey, height, approvals };
}
