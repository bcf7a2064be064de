import { openMessage, startMessage } from "./envelope.ts";
import { messageType } from "./numbers.ts";
import { readTxHashes, writeTxHashes } from "./proposal.ts";

/** A plan names what stands first in a block; what comes after it is executed when the proposal is here. */
export const MAX_PLANNED = 1_024;
const MAX_BYTES = 34_000;

/**
 * What a proposer begins to execute, so that the others execute it meanwhile (ADR 036):
 * `[version, 40, height, parentHash, timeMs, txHashes]`, the hashes one byte string of 32 bytes each. It is not
 * signed and binds nobody: a block that is proposed otherwise is executed as if no plan had been heard.
 */
export interface Plan {
  readonly height: number;
  readonly parentHash: Uint8Array;
  readonly timeMs: number;
  readonly txHashes: readonly Uint8Array[];
}

export function encodePlan({ height, parentHash, timeMs, txHashes }: Plan): Uint8Array {
  const writer = startMessage(messageType.plan, 6, 64 + txHashes.length * 32);
  writer.uint(height).bytes(parentHash).uint(timeMs);
  return writeTxHashes(writer, txHashes).finish();
}

/** @throws Fault CBOR_* */
export function decodePlan(encoded: Uint8Array): Plan {
  const reader = openMessage(encoded, {
    name: "plan",
    type: messageType.plan,
    items: 6,
    maxBytes: MAX_BYTES,
  });
  const height = reader.uint("height");
  const parentHash = reader.fixedBytes("parentHash", 32);
  const timeMs = reader.uint("timeMs");
  const txHashes = readTxHashes(reader, MAX_PLANNED);
  reader.end();
  return { height, parentHash, timeMs, txHashes };
}
