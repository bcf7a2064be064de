import type { RouteAnswer } from "@gridledger/protocol/api/contract";
import { Fault } from "@gridledger/protocol/faults";
import { formatHex } from "@gridledger/protocol/hex";
import type { Chain } from "@gridledger/protocol/ledger/genesis";
import { kind } from "@gridledger/protocol/ledger/kinds";
import {
  decodeTransaction,
  signTransaction,
  VALIDITY_WINDOW_BLOCKS,
  verifyTransaction,
} from "@gridledger/protocol/ledger/transaction";
import {
  chunkSpan,
  decodeManifest,
  encodeManifest,
  MAX_RUN_BYTES,
  type ObjectManifest,
} from "@gridledger/protocol/objects/manifest";
import type { Hub } from "../hub/connect.ts";
import type { SigningKey } from "../signing/signing-key.ts";
import { type BegunPut, dropBegun, keepBegun, readBegun } from "./begun-put.ts";
import { type CutObject, cutObject, type Declared } from "./cut-object.ts";
import type { ObjectSource } from "./object-source.ts";
import { Progress } from "./progress.ts";

/** Requests on their way at once: one is read and hashed while the other one waits for the disk. */
const PARALLEL = 2;

export interface PutDeps {
  readonly hub: Hub;
  readonly chain: Chain;
  readonly key: SigningKey;
}

export type Put = RouteAnswer<"commitObject">;

/**
 * Signs, sends what the hub does not have yet, and has it committed. Where the line broke before, it goes
 * on with the same root.
 */
export async function putObject(
  deps: PutDeps,
  path: string,
  source: ObjectSource,
  declared: Declared,
  waitMs: number,
): Promise<Put> {
  const { begun, cut } = await prepare(deps, path, source, declared);
  const put = await deliverObject(deps, source, cut, begun.transaction, waitMs);
  dropBegun(path);
  return put;
}

/** Sends what the hub does not have, and has it committed; the same again changes nothing. */
export async function deliverObject(
  deps: PutDeps,
  source: ObjectSource,
  { manifest, leaves, secret }: CutObject,
  transaction: Uint8Array,
  waitMs: number,
): Promise<Put> {
  const { missing } = await deps.hub.call("putObject", {
    body: {
      transaction: Buffer.from(transaction).toString("base64url"),
      secret: formatHex(secret),
      leaves: Buffer.concat(leaves).toString("base64url"),
    },
  });
  await sendChunks(deps.hub, source, manifest, missing);
  return commit(deps, manifest, waitMs);
}

async function prepare(
  deps: PutDeps,
  path: string,
  source: ObjectSource,
  declared: Declared,
): Promise<{ begun: BegunPut; cut: CutObject }> {
  const before = readBegun(path);
  const cut = await cutObject(deps.chain, source, declared, before);
  const { secret } = cut;
  // The salts of before: it is the same object.
  if (before !== undefined && before.secret === secret)
    return { begun: await signedNow(deps, path, before), cut };
  const begun = { secret, transaction: await signObject(deps, cut.manifest) };
  keepBegun(path, begun);
  return { begun, cut };
}

/** The key may have turned since: the same object, signed again. */
async function signedNow(deps: PutDeps, path: string, before: BegunPut): Promise<BegunPut> {
  const { chain, key } = deps;
  const transaction = decodeTransaction(chain.suite, before.transaction);
  const { publicKey } = key.signer;
  if (verifyTransaction(key.suite, publicKey, chain.chainId, transaction)) return before;
  const begun = {
    ...before,
    transaction: await signObject(deps, decodeManifest(transaction.payload)),
  };
  keepBegun(path, begun);
  return begun;
}

/** The transaction that puts it, valid from the hub's height on. */
export async function signObject(
  { hub, chain, key }: PutDeps,
  manifest: ObjectManifest,
): Promise<Uint8Array> {
  const { height } = await hub.call("status");
  const body = {
    kind: kind.dataObject,
    validUntilHeight: height + VALIDITY_WINDOW_BLOCKS / 2,
    nonce: new Uint8Array(0),
    payload: encodeManifest(manifest),
  };
  return signTransaction(key.suite, key.signer, chain.chainId, body, key.id);
}

async function sendChunks(
  hub: Hub,
  source: ObjectSource,
  manifest: Pick<ObjectManifest, "root" | "sizeBytes" | "chunkBytes">,
  missing: readonly (readonly [number, number])[],
): Promise<void> {
  const runs = missing.flatMap((span) => runsOf(manifest, span));
  const object = formatHex(manifest.root);
  const progress = new Progress("sending", manifest.sizeBytes);
  let sent = manifest.sizeBytes - runs.reduce((sum, { from, to }) => sum + to - from, 0);
  const worker = async () => {
    for (let run = runs.shift(); run !== undefined; run = runs.shift()) {
      const raw = source.read(run.from, run.to);
      await hub.call("putChunk", { params: { object, index: run.index }, raw });
      sent += raw.length;
      progress.at(sent);
    }
  };
  await Promise.all(Array.from({ length: PARALLEL }, worker));
}

/** Bytes of chunks that go in one request. */
interface Run {
  readonly index: number;
  readonly from: number;
  readonly to: number;
}

function runsOf(
  manifest: Pick<ObjectManifest, "sizeBytes" | "chunkBytes">,
  [first, last]: readonly [number, number],
): Run[] {
  const chunks = Math.floor(MAX_RUN_BYTES / manifest.chunkBytes);
  return Array.from({ length: Math.ceil((last - first + 1) / chunks) }, (_, at) => {
    const index = first + at * chunks;
    const { from } = chunkSpan(manifest, index);
    const { to } = chunkSpan(manifest, Math.min(last, index + chunks - 1));
    return { index, from, to };
  });
}

/** A long upload may outlive the window of its first signature. */
async function commit(deps: PutDeps, manifest: ObjectManifest, waitMs: number): Promise<Put> {
  const { hub } = deps;
  const input = { params: { object: formatHex(manifest.root) }, query: { waitMs } };
  try {
    return await hub.call("commitObject", { ...input, body: {} });
  } catch (thrown) {
    if (!(thrown instanceof Fault) || thrown.code !== "TX_EXPIRED") throw thrown;
    const transaction = Buffer.from(await signObject(deps, manifest)).toString("base64url");
    return hub.call("commitObject", { ...input, body: { transaction } });
  }
}
