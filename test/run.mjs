// What `npm test` runs: every test/**/*.test.ts under node's test runner, at most two files at once.
// `npm test -- <filter> …` runs the files whose path holds one of the filters. Files that start whole
// networks for minutes run where a filter names them and with `npm run test:slow`, which runs them alone.
import { spawn, spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { compile } from "./compile.mjs";

const CONCURRENCY = 2;
/** One test file, at most; the slowest simulates hours of a cluster, on a machine that does other work. */
const FILE_TIMEOUT_MS = 600_000;

const root = fileURLToPath(new URL("../", import.meta.url));

// Node 20 does not expand globs for --test.
function collect(directory) {
  return readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    if (entry.name === "node_modules") return [];
    const path = join(directory, entry.name);
    if (entry.isDirectory()) return collect(path);
    return entry.name.endsWith(".test.ts") ? [relative(root, path)] : [];
  });
}

/** The long files first, so that they do not run alone at the end. */
const isLong = (file) => /^test\/(?:e2e|browser|cluster)\//.test(file);
const isSlow = (file) =>
  /^test\/(?:cluster\/(?:committee|more-random-runs|mutants)|e2e\/(?:key-rotation|pow|outside-suite|validator-votes|join|settlement|trading)|edge-node\/(?:catching-up|changing|engines|break-glass|governance|pruning))/.test(
    file,
  );
const isSlowRun = process.argv.includes("--slow");
const filters = process.argv.slice(2).filter((word) => word !== "--slow");
const files = collect(join(root, "test"))
  .filter((file) =>
    filters.length === 0
      ? isSlow(file) === isSlowRun
      : filters.some((filter) => file.includes(filter)),
  )
  .sort((a, b) => Number(isLong(b)) - Number(isLong(a)) || a.localeCompare(b));
if (files.length === 0) {
  console.error(`no test file's path holds ${filters.join(" or ")}`);
  process.exit(1);
}

// Tests that start processes start the bundles.
const startsProcesses = /^test\/(?:e2e|browser|cli|edge-node|hub|firmware-bridge|rpc|contracts)\//;
if (files.some((file) => startsProcesses.test(file))) {
  const built = spawnSync(process.execPath, ["--import", "tsx", "hub/build/main.ts"], {
    cwd: root,
    stdio: "inherit",
  });
  if (built.status !== 0) process.exit(1);
}

// Coverage is counted by source file, which the loader keeps apart.
const isCounted = process.env.NODE_V8_COVERAGE !== undefined;
const runner = spawn(
  process.execPath,
  [
    ...(isCounted ? ["--import", "tsx"] : ["--enable-source-maps"]),
    "--test",
    `--test-concurrency=${CONCURRENCY}`,
    `--test-timeout=${FILE_TIMEOUT_MS}`,
    "--test-reporter=spec",
    ...(isCounted ? files : await compile(root, files)),
  ],
  { cwd: root, stdio: "inherit" },
);
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => runner.kill(signal));
runner.on("exit", (code) => {
  process.exitCode = code ?? 1;
});
