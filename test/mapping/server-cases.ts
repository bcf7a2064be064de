import assert from "node:assert/strict";
import { canonicalValue } from "@gridledger/protocol/rows/canonical-value";
import type { MappedColumn } from "@gridledger/protocol/rows/mapped-table";
import { type MappingRig, request } from "./rig.ts";
import type { End } from "./server-ends.ts";
import type { Server } from "./servers.ts";

type Readable = Pick<Server, "run" | "connect">;

/** Each in a table of its own. */
export async function readsEnds(server: Readable, ends: readonly End[]): Promise<void> {
  for (const [at, { native, type, sql, reads }] of ends.entries()) {
    const table = `ends${at}`;
    await server.run(`create table ${table} (id integer primary key, v ${native})`);
    await server.run(`insert into ${table} values (1, ${sql})`);
    const connector = server.connect();
    const columns: MappedColumn[] = [{ name: "v", type }];
    const order: MappedColumn[] = [{ name: "id", type: "integer" }];
    const range = { order, after: null, upTo: null, limit: 1 };
    const [row] = await connector.page({ schema: undefined, table, columns, ...range });
    await connector.close();
    const read = () => canonicalValue(type, row?.[0]);
    if (reads === undefined) assert.throws(read, { code: "ROW_VALUE" }, `${native} ${sql}`);
    else assert.equal(String(read()), reads, `${native} ${sql}`);
  }
}

/** What somebody does to the table of a mapping, and how it is undone. */
const changes = (quote: string, retype: readonly [string, string]): [string, string, string][] => [
  [
    "a column is renamed",
    "alter table shape rename column v to w",
    "alter table shape rename column w to v",
  ],
  [
    "the table is renamed",
    "alter table shape rename to other",
    "alter table other rename to shape",
  ],
  ["a type is changed", ...retype],
  [
    "a column is dropped",
    "alter table shape drop column v",
    "alter table shape add column v integer",
  ],
  [
    "the table is dropped",
    "drop table shape",
    `create table shape (id integer primary key, ${quote}v${quote} integer)`,
  ],
];

/** With a code each time, nothing half-done, and on from there when it is as it was. */
export async function standsStill(
  rig: MappingRig,
  server: Readable,
  quote: string,
  retype: readonly [string, string],
): Promise<void> {
  await server.run(`create table shape (id integer primary key, ${quote}v${quote} integer)`);
  await server.run("insert into shape values (1, 10), (2, 20)");
  await rig.service.add("shape", request({ table: "shape" }), "operator");
  assert.equal(await rig.service.run("shape"), 2);
  const { parts } = rig.service.find("shape");
  const kept = () => JSON.stringify([parts.progress().batch, parts.progress().after]);
  const before = kept();
  await server.run("alter table shape add column later integer");
  await rig.service.run("shape");
  await rig.service.sweep("shape");
  for (const [what, done, undone] of changes(quote, retype)) {
    await server.run(done);
    await assert.rejects(rig.service.run("shape"), { code: "MAPPING_SCHEMA" }, what);
    assert.equal(kept(), before, what);
    await server.run(undone);
    await rig.service.setPaused("shape", false, "operator");
    await rig.service.run("shape");
  }
  // The table is another one now: what was anchored is gone, and is told.
  await rig.service.sweep("shape");
  const found = await rig.tables.findings.open(parts.id);
  assert.deepEqual(
    found.map(({ kind }) => kind),
    ["deleted", "deleted"],
  );
}

/** 63 bytes, letters of three, a quote of its own, and another schema. */
export async function takesNames(
  rig: MappingRig,
  { run }: Readable,
  quoted: (text: string) => string,
  schema: string,
): Promise<void> {
  const table = `${"电".repeat(20)}${quoted("x")[0]}'"`;
  const column = "表".repeat(21);
  await run(
    `create table ${quoted(schema)}.${quoted(table)} (${quoted(column)} integer primary key)`,
  );
  await run(`insert into ${quoted(schema)}.${quoted(table)} values (7)`);
  await rig.service.add("names", request({ schema, table, key: [column] }), "operator");
  assert.equal(await rig.service.run("names"), 1);
  await rig.service.sweep("names");
  const missing = request({ schema, table: `${table}x`.repeat(3), key: [column] });
  await assert.rejects(rig.service.add("none", missing, "operator"), { code: "MAPPING_INVALID" });
}

/** Least rights: told when they are more, and no more when they are not. */
export async function tellsRights(
  rig: MappingRig,
  { run }: Readable,
  reader: string,
): Promise<void> {
  const { worker } = rig.service.find("readings");
  assert.equal(worker.accountMayWrite, false);
  await run(`grant update on readings to ${reader}`);
  await rig.service.run("readings");
  assert.equal(worker.accountMayWrite, true);
  assert.ok(rig.lines.some(({ level, message }) => level === "warn" && /may change/.test(message)));
  await run(`revoke update on readings from ${reader}`);
  await rig.service.run("readings");
  assert.equal(worker.accountMayWrite, false);
}
