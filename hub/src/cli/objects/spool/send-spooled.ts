import { join } from "node:path";
import { identityId } from "@gridledger/protocol/crypto/identity-id";
import { asFault, Fault } from "@gridledger/protocol/faults";
import { equalBytes, formatHex } from "@gridledger/protocol/hex";
import type { Chain } from "@gridledger/protocol/ledger/genesis";
import { verifyObjectProof } from "@gridledger/protocol/objects/prove-object";
import { readBytes, syncFolder } from "../../files.ts";
import { checkReceipt } from "../check-receipt.ts";
import { type CutObject, digestOf } from "../cut-object.ts";
import { keepReceipt } from "../keep-receipt.ts";
import { type ObjectSource, openSource } from "../object-source.ts";
import { deliverObject, type PutDeps, signObject } from "../put-object.ts";
import {
  damaged,
  dropPayload,
  readSpooled,
  type SpooledObject,
  spooledFolders,
  spoolFiles,
} from "./spooled-object.ts";

/** How it went with one object. */
export interface Sent {
  readonly root: string;
  readonly state: "sent" | "final" | "failed";
  readonly fault: Fault | undefined;
}

interface Kept {
  readonly source: ObjectSource;
  readonly cut: CutObject;
}

/**
 * Sends all that waits, one after the other; what fails is named and others go on.
 *
 * @throws Fault HUB_UNREACHABLE, FILE_UNREADABLE for the spool itself
 */
export async function sendSpool(deps: PutDeps, spool: string, waitMs: number): Promise<Sent[]> {
  const sent: Sent[] = [];
  for (const folder of spooledFolders(spool)) {
    const root = folder.slice(-64);
    try {
      const spooled = readSpooled(folder, deps.chain);
      if (spooled.isDone) continue;
      const state = await sendSpooled(deps, spooled, waitMs);
      sent.push({ root, state, fault: undefined });
    } catch (thrown) {
      const fault = asFault(thrown);
      if (fault.code === "HUB_UNREACHABLE") throw fault;
      sent.push({ root, state: "failed", fault });
    }
  }
  return sent;
}

/**
 * Killed anywhere, the same again goes on: the hub says which chunks it has, and a root stands once.
 *
 * @throws Fault OBJECT_SPOOL_*, and what the hub says
 */
async function sendSpooled(
  deps: PutDeps,
  spooled: SpooledObject,
  waitMs: number,
): Promise<"sent" | "final"> {
  const { hub, chain } = deps;
  const { folder, manifest } = spooled;
  await checkOwner(deps, spooled);
  if (isProvenFinal(chain, spooled, spooled.proof)) {
    dropPayload(folder);
    return "final";
  }
  const { source, cut } = await readKept(chain, spooled);
  const transaction = await signObject(deps, manifest);
  const put = await deliverObject(deps, source, cut, transaction, waitMs);
  const { keyProof } = await checkReceipt(hub, chain, put.receipt, formatHex(manifest.root));
  const proof = await keepReceipt(hub, join(folder, spoolFiles.receipt), put, keyProof);
  syncFolder(folder);
  // The hub's word is not enough to let go of the bytes: the chain's is.
  if (proof === null || !isProvenFinal(chain, spooled, proof)) return "sent";
  dropPayload(folder);
  return "final";
}

/** The bytes and salts, which must still have the root that was acknowledged. */
async function readKept(chain: Chain, { folder, manifest }: SpooledObject): Promise<Kept> {
  try {
    const source = openSource(join(folder, spoolFiles.bytes), "bytes");
    const secret = readBytes(join(folder, spoolFiles.secret));
    const { root, leaves } = await digestOf(chain, source, manifest, secret);
    if (!equalBytes(root, manifest.root)) {
      throw new Fault("PROOF_INVALID", `its bytes have the root ${formatHex(root)} now`);
    }
    return { source, cut: { manifest, leaves, secret } };
  } catch (thrown) {
    throw damaged(folder, asFault(thrown).message);
  }
}

/** Who sends must be who spooled, and the receipt by a key of theirs: else they would sign what others wrote. */
async function checkOwner({ hub, chain, key }: PutDeps, spooled: SpooledObject): Promise<void> {
  const { owner, publicKey, folder } = spooled;
  if (!equalBytes(owner, key.id)) {
    throw new Fault("OBJECT_SPOOL_OWNER", `${folder}: spooled by ${formatHex(owner)}`);
  }
  if (equalBytes(publicKey, key.signer.publicKey)) return;
  if (equalBytes(identityId(chain.suite.hash, publicKey), owner)) return;
  const { items } = await hub.call("identityKeys", { params: { identity: formatHex(owner) } });
  const text = Buffer.from(publicKey).toString("base64url");
  if (items.some((known) => known.publicKey === text)) return;
  throw new Fault("OBJECT_SPOOL_OWNER", `${folder}: its receipt is by no key of ${items.length}`);
}

function isProvenFinal(chain: Chain, { manifest }: SpooledObject, proof: unknown): boolean {
  if (proof === null || proof === undefined) return false;
  try {
    return equalBytes(verifyObjectProof(chain, proof).manifest.root, manifest.root);
  } catch {
    return false;
  }
}
