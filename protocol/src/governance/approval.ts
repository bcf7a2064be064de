import { CborReader } from "../cbor/reader.ts";
import { CborWriter } from "../cbor/writer.ts";

const MAX_HEARTBEAT_BYTES = 1_024;
const MAX_APPROVAL_BYTES = 2_048;

/** A validator's yes to a proposal: `[proposalId, heartbeat]`. Silence is never a yes. */
export interface Approval {
  readonly proposalId: Uint8Array;
  /** A later STATUS of the validator that joins, where the proposal's has grown old; else empty. */
  readonly heartbeat: Uint8Array;
}

export function encodeApproval({ proposalId, heartbeat }: Approval): Uint8Array {
  return new CborWriter(256).array(2).bytes(proposalId).bytes(heartbeat).finish();
}

/** @throws Fault CBOR_* */
export function decodeApproval(encoded: Uint8Array): Approval {
  const reader = new CborReader(encoded, MAX_APPROVAL_BYTES);
  reader.tuple("approval", 2);
  const proposalId = reader.fixedBytes("proposalId", 32);
  const heartbeat = reader.bytes("heartbeat", MAX_HEARTBEAT_BYTES);
  reader.end();
  return { proposalId, heartbeat };
}
