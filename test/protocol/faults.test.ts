import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { test } from "node:test";
import { asFault, Fault, faultTable } from "@gridledger/protocol/faults";

const tables = new URL("../../protocol/src/fault-tables/", import.meta.url);

test("no code stands in two tables, and every table is part of the whole", async () => {
  const seen = new Set<string>();
  for (const file of readdirSync(tables)) {
    if (file === "fault-table.ts") continue;
    const name = file.replace(/\.ts$/, "");
    const exported = await import(`../../protocol/src/fault-tables/${name}.ts`);
    const [table] = Object.values(exported) as [object];
    for (const code of Object.keys(table)) {
      assert.ok(!seen.has(code), `${code} stands twice`);
      seen.add(code);
    }
  }
  assert.deepEqual([...seen].sort(), Object.keys(faultTable).sort());
});

test("every code says what is wrong in both languages and has an HTTP status", () => {
  for (const [code, { en, zh, status }] of Object.entries(faultTable)) {
    assert.match(code, /^[A-Z][A-Z0-9_]+$/);
    assert.ok(status >= 400 && status <= 599, code);
    assert.match(en, /[.!]$/, code);
    assert.match(zh, /[\u4e00-\u9fff].*。$/s, code);
  }
});

test("what was thrown becomes a fault and keeps its cause to itself", () => {
  const fault = new Fault("METER_OWNED", "meter m1", { data: { meter: "m1" } });
  assert.equal(asFault(fault), fault);
  const cause = new TypeError("secret detail");
  const wrapped = asFault(cause);
  assert.equal(wrapped.code, "INTERNAL");
  assert.equal(wrapped.cause, cause);
  assert.ok(!wrapped.message.includes("secret"));
});
