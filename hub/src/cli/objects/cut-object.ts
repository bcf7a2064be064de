import { randomBytes } from "node:crypto";
import { equalBytes } from "@gridledger/protocol/hex";
import type { Chain } from "@gridledger/protocol/ledger/genesis";
import { decodeTransaction } from "@gridledger/protocol/ledger/transaction";
import { SECRET_BYTES } from "@gridledger/protocol/objects/chunks";
import {
  decodeManifest,
  encodeManifest,
  type ObjectManifest,
} from "@gridledger/protocol/objects/manifest";
import { type Digest, ObjectDigest } from "@gridledger/protocol/objects/object-digest";
import type { BegunPut } from "./begun-put.ts";
import type { ObjectSource } from "./object-source.ts";

/** What is said of the bytes, beside what follows from them. */
export type Declared = Omit<ObjectManifest, "root" | "sizeBytes">;

/** An object cut and salted. */
export interface CutObject {
  readonly manifest: ObjectManifest;
  readonly leaves: readonly Uint8Array[];
  readonly secret: Uint8Array;
}

/** Needs no network. With the salts of what was begun, as long as it is the same object. */
export async function cutObject(
  chain: Chain,
  source: ObjectSource,
  declared: Declared,
  begun: BegunPut | undefined,
): Promise<CutObject> {
  if (begun !== undefined) {
    const { payload } = decodeTransaction(chain.suite, begun.transaction);
    const before = decodeManifest(payload);
    const digest = await digestOf(chain, source, { ...declared, ...before }, begun.secret);
    const cut = cutOf(declared, digest, begun.secret);
    // The file or what is said of it is another one now: that is another object.
    if (equalBytes(encodeManifest(cut.manifest), payload)) return cut;
  }
  const secret = declared.saltPolicy === "none" ? new Uint8Array(0) : randomBytes(SECRET_BYTES);
  return cutOf(declared, await digestOf(chain, source, declared, secret), secret);
}

function cutOf(declared: Declared, digest: Digest, secret: Uint8Array): CutObject {
  const { root, sizeBytes, leaves } = digest;
  return { manifest: { ...declared, root, sizeBytes }, leaves, secret };
}

export async function digestOf(
  { suite }: Chain,
  source: Pick<ObjectSource, "pieces">,
  { chunkBytes, saltPolicy }: Pick<ObjectManifest, "chunkBytes" | "saltPolicy">,
  secret: Uint8Array,
): Promise<Digest> {
  const digest = new ObjectDigest(suite.hash, { chunkBytes, saltPolicy, secret });
  for await (const piece of source.pieces()) digest.push(piece);
  return digest.finish();
}
