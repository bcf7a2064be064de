import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { asFault } from "@gridledger/protocol/faults";
import { fileFault } from "../errors.ts";
import type { Home } from "../network/home.ts";
import { type Finding, fail, ok, warn } from "./check.ts";
import { isReadableSegment } from "./consensus-log.ts";

const CHECK = "consensus logs";
const SEGMENT = /^wal-\d{8}$/;
const SET_ASIDE = /\.damaged$/;

/** Reads the validators' consensus logs, and names what is damaged or was set aside as damaged. */
export function checkLogs(home: Home): Finding[] {
  const folders = listFolders(home.root);
  const findings = folders.flatMap(examine);
  if (findings.length > 0 || folders.length === 0) return findings;
  return [ok(CHECK, `those of ${folders.length} validators can be read`)];
}

function listFolders(root: string): string[] {
  if (!statSync(root, { throwIfNoEntry: false })?.isDirectory()) return [];
  return readdirSync(root)
    .filter((name) => /^validator-\d+$/.test(name))
    .map((name) => join(root, name, "consensus"))
    .filter((folder) => existsSync(folder));
}

function examine(folder: string): Finding[] {
  try {
    const names = readdirSync(folder).sort();
    const segments = names.filter((name) => SEGMENT.test(name));
    const newest = segments.at(-1);
    const unreadable = segments.filter(
      (name) => !isReadableSegment(readFileSync(join(folder, name)), name === newest),
    );
    return [
      ...unreadable.map((name) =>
        fail(
          CHECK,
          `${join(folder, name)} has unreadable frames: check the disk; at its next start the ` +
            "validator sets it aside and signs nothing until that is safe",
        ),
      ),
      ...names
        .filter((name) => SET_ASIDE.test(name))
        .map((name) =>
          warn(
            CHECK,
            `${join(folder, name)} was damaged and set aside: check the disk, then move it`,
          ),
        ),
    ];
  } catch (thrown) {
    return [fail(CHECK, asFault(fileFault(folder, thrown)).message)];
  }
}
