import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";

const folder = new URL("../vectors/", import.meta.url);

export function readVectors<T>(path: string): T {
  const bytes = readFileSync(new URL(path, folder));
  return JSON.parse((path.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString("utf8"));
}

export const hex = (text: string): Buffer => Buffer.from(text, "hex");

/** The compressed form of an uncompressed point. */
export function compress(point: Uint8Array): Uint8Array {
  return Buffer.concat([Buffer.of(2 | (point[64]! & 1)), point.subarray(1, 33)]);
}

export interface WycheproofTest {
  readonly tcId: number;
  readonly result: "valid" | "invalid" | "acceptable";
  readonly flags: readonly string[];
}

interface WycheproofFile<Group> {
  readonly testGroups: readonly Group[];
}

export function readWycheproof<Group>(name: string): readonly Group[] {
  return readVectors<WycheproofFile<Group>>(`wycheproof/${name}_test.json`).testGroups;
}
