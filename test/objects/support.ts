import { randomBytes } from "node:crypto";
import { kind } from "@gridledger/protocol/ledger/kinds";
import { signTransaction } from "@gridledger/protocol/ledger/transaction";
import { SECRET_BYTES } from "@gridledger/protocol/objects/chunks";
import { encodeManifest, type ObjectManifest } from "@gridledger/protocol/objects/manifest";
import { ObjectDigest } from "@gridledger/protocol/objects/object-digest";
import type { ChainBuilder, Key } from "../support/chain-builder.ts";

type Said = Partial<Omit<ObjectManifest, "root" | "sizeBytes">>;

const DEFAULTS: Omit<ObjectManifest, "root" | "sizeBytes"> = {
  chunkBytes: 1_024,
  name: "tariff.csv",
  mediaType: "text/csv",
  conversion: "bytes",
  saltPolicy: "per-chunk",
  classification: "internal",
  retentionDays: 0,
};

/** An object cut, salted and signed, as a client makes it. */
export function packed(builder: ChainBuilder, by: Key, bytes: Uint8Array, said: Said = {}) {
  const { suite, chainId } = builder.chain;
  const declared = { ...DEFAULTS, ...said };
  const secret = declared.saltPolicy === "none" ? new Uint8Array(0) : randomBytes(SECRET_BYTES);
  const digest = new ObjectDigest(suite.hash, { ...declared, secret });
  digest.push(bytes);
  const { root, leaves, sizeBytes } = digest.finish();
  const manifest: ObjectManifest = { ...declared, root, sizeBytes };
  const payload = encodeManifest(manifest);
  const body = { kind: kind.dataObject, nonce: new Uint8Array(0), payload };
  const sign = (validUntilHeight = builder.height + 100) =>
    signTransaction(suite, by.signer, chainId, { ...body, validUntilHeight });
  return { manifest, secret, leaves, bytes, payload, transaction: sign(), sign };
}

export type Packed = ReturnType<typeof packed>;
