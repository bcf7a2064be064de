import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Fault } from "@gridledger/protocol/faults";

/** Processes of a network; each is one bundle. */
export type ProcessKind = "hub" | "edge-node" | "firmware-bridge";

/**
 * V8 settings by process: a validator must fit beside a meter's own software. Measured while 40,960 readings
 * became final: 76 MB at most with a young generation of 1 MB, 90 MB with Node's own, at the same CPU time; while
 * 3,600 transfers of a token did: 93 MB with 2 MB, 98 with 4, 186 with Node's own, at the same rate, and at two
 * thirds of it with 1 MB or with --optimize-for-size, which keeps the contract machine from being compiled. A hub must
 * take 100 MB in and give them out within 128 MB: 117 MB at most with a young generation of 2 MB and one arena, 149
 * with 8 and many.
 */
const memoryFlags: Readonly<Record<ProcessKind, readonly string[]>> = {
  hub: ["--max-semi-space-size=2", "--max-old-space-size=512"],
  "edge-node": ["--max-semi-space-size=2", "--max-old-space-size=64"],
  "firmware-bridge": ["--max-semi-space-size=1", "--max-old-space-size=64"],
};

/**
 * One malloc arena instead of one a thread: what SQLite's threads free is used again by all, which
 * saves a loaded validator about 10 MB. Two threads are enough for one database.
 */
const hubEnvironment = { MALLOC_ARENA_MAX: "1" };
const edgeEnvironment = { ...hubEnvironment, UV_THREADPOOL_SIZE: "2" };

/** The environment that the process gets beyond the launcher's own. */
export function processEnvironment(kind: ProcessKind): Readonly<Record<string, string>> {
  return kind === "hub" ? hubEnvironment : edgeEnvironment;
}

/** Node's arguments that run the process: flags and script, without the process's own arguments. */
export function processArguments(kind: ProcessKind): string[] {
  return [
    ...memoryFlags[kind],
    "--import",
    bundle("with-parent.mjs").href,
    fileURLToPath(bundle(`${kind}.mjs`)),
  ];
}

/** The console's files. */
export function dashboardDirectory(): string {
  return fileURLToPath(new URL("dashboard/", bundleDirectory()));
}

/** The page that verifies evidence, one file. @throws Fault CONFIG_INVALID */
export function verifierFile(): string {
  return fileURLToPath(bundle("dashboard/verify.html"));
}

/** Captures that the bridge of a demonstration replays. */
export function capturesDirectory(): string {
  return fileURLToPath(new URL("captures/", bundleDirectory()));
}

function bundle(file: string): URL {
  const url = new URL(file, bundleDirectory());
  if (existsSync(url)) return url;
  throw new Fault("CONFIG_INVALID", `${fileURLToPath(url)} is missing: build with "npm run build"`);
}

/** `dist/`: where this file's bundle lies, or beside `hub/` when it runs from source. */
function bundleDirectory(): URL {
  const here = new URL(".", import.meta.url);
  return here.pathname.endsWith("/hub/src/cli/") ? new URL("../../../dist/", here) : here;
}
