import assert from "node:assert/strict";
import { test } from "node:test";
import { kind } from "@gridledger/protocol/ledger/kinds";
import { kindsEn } from "../../dashboard/src/words/en-kinds.ts";
import { kindsZh } from "../../dashboard/src/words/zh-kinds.ts";

test("every kind of transaction has a name in both languages", () => {
  const known = Object.keys(kind).sort();
  assert.deepEqual(Object.keys(kindsEn).sort(), known);
  assert.deepEqual(Object.keys(kindsZh).sort(), known);
});
