#!/usr/bin/env node
// Runs the CLI from its bundle. In a checkout whose sources are newer, the bundles are built first.
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = new URL("../../", import.meta.url);
const bundle = new URL("dist/cli.mjs", root);
const stamp = new URL("dist/build.json", root);
const builder = fileURLToPath(new URL("hub/build/main.ts", root));
const sources = ["protocol/", "edge-node/", "hub/", "firmware-bridge/", "dashboard/"];

function newestMs(directory) {
  let newest = 0;
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    if (entry.name === "node_modules" || entry.name === "dist") continue;
    const url = new URL(entry.isDirectory() ? `${entry.name}/` : entry.name, directory);
    newest = Math.max(newest, entry.isDirectory() ? newestMs(url) : statSync(url).mtimeMs);
  }
  return newest;
}

function isStale() {
  if (!existsSync(builder)) return false;
  if (!existsSync(stamp) || !existsSync(bundle)) return true;
  const builtMs = statSync(stamp).mtimeMs;
  return sources.some((source) => {
    const directory = new URL(source, root);
    return existsSync(directory) && newestMs(directory) > builtMs;
  });
}

if (isStale()) {
  const built = spawnSync(process.execPath, ["--import", "tsx", builder], {
    cwd: fileURLToPath(root),
    stdio: ["ignore", "ignore", "inherit"],
  });
  if (built.status !== 0) process.exit(1);
}
await import(bundle.href);
