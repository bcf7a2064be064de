import { equalBytes } from "@gridledger/protocol/hex";
import type { Encoding } from "@gridledger/protocol/objects/conversions/encodings";
import { chunkSpan } from "@gridledger/protocol/objects/manifest";
import { ObjectDigest } from "@gridledger/protocol/objects/object-digest";
import { type ObjectSource, openSource } from "./object-source.ts";
import type { CheckableObject } from "./proven-object.ts";

/** Where a file is not what was put. */
export interface Difference {
  readonly sizeBytes: number;
  readonly expectedBytes: number;
  /** Runs of chunks that differ; `to` is behind the last byte. */
  readonly spans: readonly { readonly from: number; readonly to: number }[];
}

/**
 * Undefined where the file is the object: as it stands, or after the conversion that the object had.
 * @throws Fault FILE_UNREADABLE
 */
export async function compareFile(
  object: CheckableObject,
  path: string,
  encoding?: Encoding,
): Promise<Difference | undefined> {
  const plain = await compare(object, openSource(path, "bytes"));
  const { conversion } = object.manifest;
  if (plain === undefined || conversion === "bytes") return plain;
  try {
    return await compare(object, openSource(path, conversion, encoding));
  } catch {
    return plain; // it cannot be converted, so it is not the original either
  }
}

async function compare(
  { chain, manifest, secret, leaves }: CheckableObject,
  source: ObjectSource,
): Promise<Difference | undefined> {
  const { chunkBytes, saltPolicy } = manifest;
  const digest = new ObjectDigest(chain.suite.hash, { chunkBytes, saltPolicy, secret });
  for await (const piece of source.pieces()) digest.push(piece);
  const found = digest.finish();
  if (equalBytes(found.root, manifest.root)) return undefined;
  const spans: { from: number; to: number }[] = [];
  for (const [index, leaf] of leaves.entries()) {
    const here = found.leaves[index];
    if (here !== undefined && equalBytes(here, leaf)) continue;
    const { from, to } = chunkSpan(manifest, index);
    const last = spans.at(-1);
    if (last?.to === from) last.to = to;
    else spans.push({ from, to });
  }
  return { sizeBytes: found.sizeBytes, expectedBytes: manifest.sizeBytes, spans };
}
