import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../protocol/src/", import.meta.url));
/** What stands before the name in a key of the state: `i/`, `g/p`. */
const prefix = /^\s*(?:keyOf: \([^)]*\) =>\s*|return )`([a-z]\/[a-z]*)\$\{/gm;

function prefixesIn(path: string): string[] {
  const source = readFileSync(`${root}${path}`, "utf8");
  return [...source.matchAll(prefix)].map(([, text]) => text ?? "");
}

test("no two tables of the state write under one letter", () => {
  const files = readdirSync(root, { recursive: true, encoding: "utf8" });
  const all = files.filter((path) => path.endsWith(".ts")).flatMap(prefixesIn);
  const twice = all.filter((text, at) => all.indexOf(text) !== at);
  assert.deepEqual(twice, []);
  assert.ok(all.length > 25, `only ${all.length} tables were found`);
});
