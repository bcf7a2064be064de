import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  renameSync,
  statSync,
  truncateSync,
  writeSync,
} from "node:fs";
import { Fault } from "@gridledger/protocol/faults";
import { equalBytes, formatHex } from "@gridledger/protocol/hex";
import { ChunkCutter, chunkLeaf, saltOf } from "@gridledger/protocol/objects/chunks";
import { chunkSpan, MAX_RUN_BYTES } from "@gridledger/protocol/objects/manifest";
import { fileFault } from "../errors.ts";
import type { Hub } from "../hub/connect.ts";
import { openSource } from "./object-source.ts";
import { Progress } from "./progress.ts";
import type { CheckableObject } from "./proven-object.ts";

/**
 * The whole object into a file, which gets its name only when everything agrees with the root. What an
 * earlier run left (`<file>.part`) is checked and kept. Gives the bytes of the object.
 *
 * @throws Fault PROOF_INVALID, FILE_UNREADABLE, HUB_UNREACHABLE
 */
export async function downloadObject(
  hub: Hub,
  object: CheckableObject,
  path: string,
): Promise<number> {
  const { sizeBytes, chunkBytes } = object.manifest;
  const part = `${path}.part`;
  const kept = goodChunks(object, part);
  const file = openPart(part, kept * chunkBytes);
  const progress = new Progress("fetching", sizeBytes);
  const range = MAX_RUN_BYTES - (MAX_RUN_BYTES % chunkBytes);
  const ask = (from: number) => {
    const asked = askRange(hub, object, from, Math.min(sizeBytes, from + range));
    asked.catch(() => {}); // it is heard of when its turn comes
    return asked;
  };
  try {
    let asked: Promise<Response> | undefined;
    for (let from = kept * chunkBytes; from < sizeBytes; from += range) {
      const response = await (asked ?? ask(from));
      // The next one is on its way while this one is checked.
      asked = from + range < sizeBytes ? ask(from + range) : undefined;
      await keepRange(object, response, file, from);
      progress.at(Math.min(sizeBytes, from + range));
    }
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(part, path);
  return sizeBytes;
}

function openPart(part: string, keptBytes: number): number {
  try {
    if (existsSync(part)) truncateSync(part, keptBytes);
    return openSync(part, "a", 0o600);
  } catch (thrown) {
    throw fileFault(part, thrown);
  }
}

/** How many chunks from the beginning are there and right. */
function goodChunks(object: CheckableObject, part: string): number {
  if (!existsSync(part)) return 0;
  const source = openSource(part, "bytes");
  const whole = Math.floor(statSync(part).size / object.manifest.chunkBytes);
  for (let index = 0; index < whole; index++) {
    const { from, to } = chunkSpan(object.manifest, index);
    if (!isRight(object, index, source.read(from, to))) return index;
  }
  return whole;
}

function askRange(hub: Hub, { manifest }: CheckableObject, from: number, to: number) {
  return hub.request("objectData", {
    params: { object: formatHex(manifest.root) },
    headers: { range: `bytes=${from}-${to - 1}` },
  });
}

async function keepRange(
  object: CheckableObject,
  response: Response,
  file: number,
  from: number,
): Promise<void> {
  const { manifest } = object;
  const cutter = new ChunkCutter(manifest.chunkBytes);
  const first = from / manifest.chunkBytes;
  let index = first;
  const keep = (chunk: Uint8Array) => {
    if (!isRight(object, index, chunk)) {
      throw new Fault("PROOF_INVALID", `chunk ${index} does not agree with the root on the chain`);
    }
    writeSync(file, chunk);
    index++;
  };
  for await (const piece of response.body ?? []) cutter.push(piece).forEach(keep);
  cutter.finish(index - first).forEach(keep);
}

function isRight(object: CheckableObject, index: number, chunk: Uint8Array): boolean {
  const { chain, manifest, secret, leaves } = object;
  const { hash } = chain.suite;
  const leaf = leaves[index];
  const salt = saltOf(hash, manifest.saltPolicy, secret, index);
  return leaf !== undefined && equalBytes(chunkLeaf(hash, salt, chunk), leaf);
}
