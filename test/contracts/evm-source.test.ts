import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, it } from "node:test";
import { evmSource } from "../../edge-node/src/contracts/evm-source.ts";

const library = dirname(createRequire(import.meta.url).resolve("@ethereumjs/evm"));
const waits = (source: string) => source.match(/\b(?:async|await) /g)?.length ?? 0;

describe("the contract machine's own reading of the library", () => {
  it("waits where another frame begins, and at no other instruction", () => {
    const source = evmSource(join(library, "opcodes/functions.js"));
    const waiting = source.split("\n    // 0x").filter((part) => waits(part) > 0);
    const names = waiting.map((part) => /^.{2}: (\w+)/.exec(part)?.[1]);
    assert.deepEqual(
      names.filter((name) => !name?.startsWith("E")),
      [...["CREATE", "CREATE2", "CALL", "CALLCODE", "DELEGATECALL", "STATICCALL"], "SELFDESTRUCT"],
    );
    assert.equal(waits(evmSource(join(library, "opcodes/gas.js"))), 0);
  });

  it("is of a module that is not named the text as it is published", () => {
    const file = join(library, "stack.js");
    assert.equal(evmSource(file), readFileSync(file, "utf8"));
  });

  it("is refused where the library is not the one that it was written for", (context) => {
    const folder = mkdtempSync(join(tmpdir(), "gl-evm-"));
    context.after(() => rmSync(folder, { recursive: true }));
    const file = join(folder, "dist/cjs/opcodes/gas.js");
    mkdirSync(dirname(file), { recursive: true });
    const published = readFileSync(join(library, "opcodes/gas.js"), "utf8");
    writeFileSync(file, `${published}\n`);
    assert.throws(() => evmSource(file), { code: "INTERNAL", message: /another version/ });
  });
});
