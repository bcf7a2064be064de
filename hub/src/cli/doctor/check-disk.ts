import { existsSync, statfsSync } from "node:fs";
import { dirname } from "node:path";
import { type Finding, fail, ok, warn } from "./check.ts";

const LOW_BYTES = 1_000_000_000;
const NONE_BYTES = 50_000_000;

/** Room where the home is, or will be. */
export function checkDisk(path: string): Finding {
  let existing = path;
  while (!existsSync(existing)) existing = dirname(existing);
  const { bavail, bsize } = statfsSync(existing);
  const freeBytes = bavail * bsize;
  const text = `${(freeBytes / 1e9).toFixed(1)} GB free at ${existing}`;
  if (freeBytes < NONE_BYTES) return fail("disk", `${text}: make room`);
  return freeBytes < LOW_BYTES ? warn("disk", `${text}: make room soon`) : ok("disk", text);
}
