import type { Hash } from "@gridledger/protocol/crypto/suite";
import { Fault } from "@gridledger/protocol/faults";
import { equalBytes } from "@gridledger/protocol/hex";
import { chunkLeaf, saltOf } from "@gridledger/protocol/objects/chunks";
import { chunkSpan, type ObjectManifest } from "@gridledger/protocol/objects/manifest";
import type { Payload } from "./payload-store.ts";

const LEAF_BYTES = 32;

/** @throws Fault OBJECT_SHAPE unless there is one for each chunk */
export function leavesOf(leaves: Uint8Array, chunks: number): Uint8Array[] {
  if (leaves.length !== chunks * LEAF_BYTES) {
    throw new Fault("OBJECT_SHAPE", `${leaves.length} bytes of leaves for ${chunks} chunks`);
  }
  return Array.from({ length: chunks }, (_, index) => leafAt(leaves, index));
}

function leafAt(leaves: Uint8Array, index: number): Uint8Array {
  return leaves.subarray(index * LEAF_BYTES, (index + 1) * LEAF_BYTES);
}

/** True when these are the bytes of this chunk. */
export function isLeafOf(
  hash: Hash,
  manifest: ObjectManifest,
  { secret, leaves }: Pick<Payload, "secret" | "leaves">,
  index: number,
  bytes: Uint8Array,
): boolean {
  const { from, to } = chunkSpan(manifest, index);
  if (bytes.length !== to - from) return false;
  const salt = saltOf(hash, manifest.saltPolicy, secret, index);
  return equalBytes(chunkLeaf(hash, salt, bytes), leafAt(leaves, index));
}
