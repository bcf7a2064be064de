import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { test } from "node:test";
import { contract } from "@gridledger/protocol/api/contract";
import { type RoutePath, routePaths } from "@gridledger/protocol/api/paths";

const room = new URL("../../protocol/src/api/", import.meta.url);

/** Names of the tables that the files of the room export, one after the other. */
async function namesOf(ending: string): Promise<string[]> {
  const names = (await readdir(room))
    .filter((file) => file.endsWith(`-${ending.toLowerCase()}.ts`))
    .map((file) => file.replace(/\.ts$/, ""));
  const modules = await Promise.all(
    names.map((name) => import(`../../protocol/src/api/${name}.ts`)),
  );
  return modules.flatMap((exported) =>
    Object.entries(exported as Record<string, object>)
      .filter(([name]) => name.endsWith(ending))
      .flatMap(([, table]) => Object.keys(table)),
  );
}

test("every domain's routes are in the table, and no two domains give one the same name", async () => {
  assert.deepEqual((await namesOf("Paths")).sort(), Object.keys(routePaths).sort());
  assert.deepEqual((await namesOf("Contract")).sort(), Object.keys(contract).sort());
});

test("no two routes answer the same request", () => {
  const routes = Object.values(routePaths).map(
    ({ method, path }: RoutePath) => `${method} ${path.replace(/\{\w+\}/g, "{}")}`,
  );
  assert.deepEqual(routes, [...new Set(routes)]);
});
