import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Declared } from "../../hub/src/cli/objects/cut-object.ts";

export const declared: Declared = {
  chunkBytes: 1_024,
  name: "load.csv",
  mediaType: "text/csv",
  conversion: "bytes",
  saltPolicy: "per-chunk",
  classification: "internal",
  retentionDays: 0,
};

export const bytes = Buffer.from(
  Array.from({ length: 5_000 }, (_, i) => (i * 2_654_435_761) >>> 13),
);

/** A file of `bytes` in a folder of its own. */
export function makeLoadFile() {
  const directory = mkdtempSync(join(tmpdir(), "gl-load-"));
  const file = join(directory, "load.csv");
  writeFileSync(file, bytes);
  return { directory, file };
}
