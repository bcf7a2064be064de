import assert from "node:assert/strict";
import { chmodSync } from "node:fs";
import { afterEach, beforeEach, describe, it } from "node:test";
import { type MappingRig, mappingRig, request } from "./rig.ts";
import { sqliteTable } from "./sqlite-table.ts";

const isRoot = process.getuid?.() === 0;
const MIB = 1_048_576;

describe("a table that does not stay as it was", () => {
  let table: ReturnType<typeof sqliteTable>;
  let rig: MappingRig;
  /** Rows of each page that was read. */
  let pages: number[];

  beforeEach(async () => {
    table = sqliteTable();
    pages = [];
    rig = await mappingRig(() => {
      const connector = table.connect();
      const page = connector.page.bind(connector);
      connector.page = async (query) => {
        const rows = await page(query);
        pages.push(rows.length);
        return rows;
      };
      return connector;
    });
  });

  afterEach(async () => {
    await rig.stop();
    await table.close();
  });

  const add = (change: Parameters<typeof request>[0]) =>
    rig.service.add("t", request(change), "operator");

  async function kept() {
    const [rows, batches] = await Promise.all([
      rig.store.read("mapping_rows").count("* as n"),
      rig.store.read("mapping_batches").count("* as n"),
    ]);
    return [rows[0]?.n, batches[0]?.n];
  }

  it("stops where a key has become NULL, before and after it was anchored", async () => {
    await table.run("create table codes (code text primary key, kwh numeric)");
    await table.run("insert into codes values ('a', 1), (null, 2)");
    await add({ table: "codes", key: ["code"] });
    await assert.rejects(rig.service.run("t"), { code: "MAPPING_KEY" });
    assert.deepEqual(await kept(), [0, 0]);
    await table.run("delete from codes where code is null");
    await rig.service.setPaused("t", false, "operator");
    assert.equal(await rig.service.run("t"), 1);
    await table.run("insert into codes values (null, 3)");
    await assert.rejects(rig.service.sweep("t"), { code: "MAPPING_KEY" });
    assert.equal(rig.service.find("t").mapping().paused?.code, "MAPPING_KEY");
    assert.deepEqual(await kept(), [1, 1]);
  });

  it("stops where nothing holds its key unique any more, and goes on when something does", async () => {
    await table.run("create table loose (k integer not null, v text)");
    await table.run("create unique index one on loose (k)");
    await table.run("insert into loose values (1, 'a'), (2, 'b')");
    await add({ table: "loose", key: ["k"] });
    assert.equal(await rig.service.run("t"), 2);
    await table.run("drop index one");
    await table.run("insert into loose values (2, 'c')");
    await assert.rejects(rig.service.sweep("t"), { code: "MAPPING_SCHEMA", message: /unique/ });
    await table.run("delete from loose where v = 'c'");
    await table.run("create unique index other on loose (k)");
    await rig.service.setPaused("t", false, "operator");
    await rig.service.sweep("t");
    assert.deepEqual(rig.raised, []);
  });

  it("is read in pages that fit into memory, and a row that does not is refused unread", async () => {
    await table.run("create table docs (id integer primary key, doc text)");
    await table.run(
      `with recursive n(i) as (select 1 union all select i + 1 from n where i < 30)
       insert into docs select i, printf('%.*c', ${MIB}, 'x') from n`,
    );
    await add({ table: "docs" });
    assert.equal(await rig.service.run("t"), 30);
    await rig.service.sweep("t");
    assert.deepEqual(rig.raised, []);
    assert.ok(Math.max(...pages) <= 8, `${pages}`);
    await table.run(`insert into docs values (31, printf('%.*c', ${64 * MIB}, 'y'))`);
    await rig.service.run("t");
    pages.length = 0;
    await assert.rejects(rig.service.run("t"), { code: "ROW_TOO_LARGE", message: /after 30/ });
    assert.deepEqual(pages, []);
    assert.equal((await kept())[0], 30);
  });

  it("warns while the hub may write it", {
    skip: isRoot && "root may write everything",
  }, async () => {
    await table.readings(3);
    chmodSync(table.file, 0o444);
    const { worker } = await add({});
    assert.equal(worker.accountMayWrite, false);
    chmodSync(table.file, 0o644);
    await rig.service.run("t");
    assert.equal(worker.accountMayWrite, true);
  });
});
