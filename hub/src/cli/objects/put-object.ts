import { randomBytes } from "node:crypto";
import type { RouteAnswer } from "@gridledger/protocol/api/contract";
import { Fault } from "@gridledger/protocol/faults";
import { equalBytes, formatHex } from "@gridledger/protocol/hex";
import type { Chain } from "@gridledger/protocol/ledger/genesis";
import { kind } from "@gridledger/protocol/ledger/kinds";
import {
  decodeTransaction,
  signTransaction,
  VALIDITY_WINDOW_BLOCKS,
  verifyTransaction,
} from "@gridledger/protocol/ledger/transaction";
import { SECRET_BYTES } from "@gridledger/protocol/objects/chunks";
import {
  chunkSpan,
  decodeManifest,
  encodeManifest,
  MAX_RUN_BYTES,
  type ObjectManifest,
} from "@gridledger/protocol/objects/manifest";
import { type Digest, ObjectDigest } from "@gridledger/protocol/objects/object-digest";
import type { Hub } from "../hub/connect.ts";
import type { SigningKey } from "../signing/signing-key.ts";
import { type BegunPut, dropBegun, keepBegun, readBegun } from "./begun-put.ts";
import type { ObjectSource } from "./object-source.ts";
import { Progress } from "./progress.ts";

/** Requests on their way at once: one is read and hashed while the other one waits for the disk. */
const PARALLEL = 2;

/** What is said of the bytes, beside what follows from them. */
export type Declared = Omit<ObjectManifest, "root" | "sizeBytes">;

interface PutDeps {
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
  const { begun, digest } = await prepare(deps, path, source, declared);
  const { hub } = deps;
  const { missing } = await hub.call("putObject", {
    body: {
      transaction: Buffer.from(begun.transaction).toString("base64url"),
      secret: formatHex(begun.secret),
      leaves: Buffer.concat(digest.leaves).toString("base64url"),
    },
  });
  await sendChunks(hub, source, { ...declared, ...digest }, missing);
  const put = await commit(deps, digest.root, begun, waitMs);
  dropBegun(path);
  return put;
}

async function prepare(
  deps: PutDeps,
  path: string,
  source: ObjectSource,
  declared: Declared,
): Promise<{ begun: BegunPut; digest: Digest }> {
  const { chain } = deps;
  const before = readBegun(path);
  if (before !== undefined) {
    const { payload } = decodeTransaction(chain.suite, before.transaction);
    const manifest = decodeManifest(payload);
    const digest = await digestOf(chain, source, { ...declared, ...manifest }, before.secret);
    const same = encodeManifest({ ...declared, ...sizeAndRoot(digest) });
    // The file or what is said of it is another one now: that is another object.
    if (equalBytes(same, payload)) return { begun: await signedNow(deps, path, before), digest };
  }
  const secret = declared.saltPolicy === "none" ? new Uint8Array(0) : randomBytes(SECRET_BYTES);
  const digest = await digestOf(chain, source, declared, secret);
  const payload = encodeManifest({ ...declared, ...sizeAndRoot(digest) });
  const begun = { secret, transaction: await sign(deps, payload) };
  keepBegun(path, begun);
  return { begun, digest };
}

/** The key may have turned since: the same object, signed again. */
async function signedNow(deps: PutDeps, path: string, before: BegunPut): Promise<BegunPut> {
  const { chain, key } = deps;
  const transaction = decodeTransaction(chain.suite, before.transaction);
  const { publicKey } = key.signer;
  if (verifyTransaction(key.suite, publicKey, chain.chainId, transaction)) return before;
  const begun = { ...before, transaction: await sign(deps, transaction.payload) };
  keepBegun(path, begun);
  return begun;
}

function sizeAndRoot({ root, sizeBytes }: Digest): Pick<ObjectManifest, "root" | "sizeBytes"> {
  return { root, sizeBytes };
}

async function digestOf(
  { suite }: Chain,
  source: ObjectSource,
  { chunkBytes, saltPolicy }: Pick<ObjectManifest, "chunkBytes" | "saltPolicy">,
  secret: Uint8Array,
): Promise<Digest> {
  const digest = new ObjectDigest(suite.hash, { chunkBytes, saltPolicy, secret });
  for await (const piece of source.pieces()) digest.push(piece);
  return digest.finish();
}

async function sign({ hub, chain, key }: PutDeps, payload: Uint8Array) {
  const { height } = await hub.call("status");
  const body = {
    kind: kind.dataObject,
    validUntilHeight: height + VALIDITY_WINDOW_BLOCKS / 2,
    nonce: new Uint8Array(0),
    payload,
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
async function commit(
  deps: PutDeps,
  root: Uint8Array,
  begun: BegunPut,
  waitMs: number,
): Promise<Put> {
  const { hub, chain } = deps;
  const input = { params: { object: formatHex(root) }, query: { waitMs } };
  try {
    return await hub.call("commitObject", { ...input, body: {} });
  } catch (thrown) {
    if (!(thrown instanceof Fault) || thrown.code !== "TX_EXPIRED") throw thrown;
    const { payload } = decodeTransaction(chain.suite, begun.transaction);
    const renewed = await sign(deps, payload);
    const transaction = Buffer.from(renewed).toString("base64url");
    return hub.call("commitObject", { ...input, body: { transaction } });
  }
}
