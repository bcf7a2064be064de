import { Fault } from "@gridledger/protocol/faults";
import { equalBytes } from "@gridledger/protocol/hex";
import { type Chain, decodeGenesis } from "@gridledger/protocol/ledger/genesis";
import { MerkleTree } from "@gridledger/protocol/merkle/tree";
import type { ObjectManifest } from "@gridledger/protocol/objects/manifest";
import { type ProvenObject, verifyObjectProof } from "@gridledger/protocol/objects/prove-object";
import { readGenesis } from "../files.ts";
import type { Hub } from "../hub/connect.ts";

const LEAF_BYTES = 32;

/** An object of the chain with what its bytes are checked against. */
export interface CheckableObject extends ProvenObject {
  readonly chain: Chain;
  readonly secret: Uint8Array;
  readonly leaves: readonly Uint8Array[];
}

/** The chain of `--genesis`, or the one that the hub says it follows. */
export async function chainOf(hub: Hub, genesis: string | undefined): Promise<Chain> {
  if (genesis !== undefined) return readGenesis(genesis);
  return decodeGenesis(Buffer.from((await hub.call("genesis")).encoded, "base64url"));
}

/**
 * Asks the hub and believes nothing: the transaction is proven from the genesis on, and the leaves must
 * have the root that it signs.
 *
 * @throws Fault OBJECT_UNKNOWN, NOT_READY, PROOF_*, SEAL_INVALID, CHAIN_MISMATCH
 */
export async function fetchCheckable(
  hub: Hub,
  name: string,
  genesis: string | undefined,
): Promise<CheckableObject> {
  const chain = await chainOf(hub, genesis);
  const shown = await hub.call("object", { params: { object: name } });
  if (shown.state !== "final") {
    throw new Fault("NOT_READY", `${name} is not final yet: ${shown.state}`);
  }
  const params = { hash: shown.transaction };
  const proof = await hub.call("transactionProof", { params });
  const object = verifyObjectProof(chain, proof);
  const opening = await hub.call("objectOpening", { params: { object: shown.root } });
  const leaves = leavesOf(Buffer.from(opening.leaves, "base64url"));
  checkLeaves(chain, object.manifest, leaves);
  return { chain, ...object, secret: Buffer.from(opening.secret, "hex"), leaves };
}

function leavesOf(bytes: Uint8Array): Uint8Array[] {
  return Array.from({ length: Math.floor(bytes.length / LEAF_BYTES) }, (_, i) =>
    bytes.subarray(i * LEAF_BYTES, (i + 1) * LEAF_BYTES),
  );
}

function checkLeaves({ suite }: Chain, { root }: ObjectManifest, leaves: readonly Uint8Array[]) {
  if (equalBytes(new MerkleTree(suite.hash, leaves).root, root)) return;
  throw new Fault("PROOF_INVALID", "the hub's leaves do not have the root on the chain");
}
