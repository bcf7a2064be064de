import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";
import { decodeMappingAnchor } from "@gridledger/protocol/ledger/mapping-anchor";
import { decodeTransaction } from "@gridledger/protocol/ledger/transaction";
import { verifyRowProof } from "@gridledger/protocol/rows/row-proof";
import type { Finding } from "../../hub/src/mapping/tables/finding-table.ts";
import { type MappingRig, mappingRig, request } from "./rig.ts";
import { sqliteTable } from "./sqlite-table.ts";

type Table = ReturnType<typeof sqliteTable>;

describe("a mapped table", () => {
  let table: Table;
  let rig: MappingRig;

  beforeEach(async () => {
    table = sqliteTable();
    await table.readings(300);
    rig = await mappingRig(table.connect);
  });

  afterEach(async () => {
    await rig.stop();
    await table.close();
  });

  async function mapped(change: Parameters<typeof request>[0] = {}) {
    const { parts, anchorer } = await rig.service.add("readings", request(change), "operator");
    assert.ok((await rig.service.run("readings")) >= 0);
    await anchorer.poke();
    return parts.id;
  }

  async function found(): Promise<Finding[]> {
    await rig.service.sweep("readings");
    const { id } = rig.service.find("readings").parts;
    return rig.tables.findings.open(id);
  }

  const kinds = (findings: readonly Finding[]) =>
    findings.map(({ kind, columns }) => [kind, ...columns].join(" ")).sort();

  const text = (key: Uint8Array) => Buffer.from(key).toString("latin1");

  it("is anchored row by row, and a proof of a row holds with the genesis alone", async () => {
    const id = await mapped();
    const [encoded] = rig.anchored;
    const { payload } = decodeTransaction(rig.builder.chain.suite, encoded!);
    const { rows, batch } = decodeMappingAnchor(payload);
    assert.deepEqual({ rows, batch }, { rows: 300, batch: 1 });
    const proof = await rig.service.prover(id).proof("17", []);
    const proven = verifyRowProof(rig.builder.chain, JSON.parse(JSON.stringify(proof)));
    assert.deepEqual(Object.fromEntries(proven.values), { meter: "M3", kwh: "255e-1", note: null });
    assert.equal(proven.table.name, "readings");
    const one = await rig.service.prover(id).proof("17", ["kwh"]);
    assert.deepEqual([...verifyRowProof(rig.builder.chain, one).values.keys()], ["kwh"]);
  });

  it("raises no alarm while nobody touches it, and takes new rows in a batch of their own", async () => {
    await mapped();
    assert.deepEqual(await found(), []);
    await table.run("insert into readings values (301, 'M1', 2, 'new')");
    assert.deepEqual(await found(), []);
    assert.equal(await rig.service.run("readings"), 0);
    assert.equal(await rig.service.run("readings"), 1);
    assert.deepEqual(await found(), []);
    assert.deepEqual(rig.raised, []);
  });

  it("names row and column of what was changed behind our back, and when", async () => {
    const id = await mapped();
    await found();
    rig.clock.advance(1_000);
    const soundMs = rig.clock.now();
    await rig.service.sweep("readings");
    rig.clock.advance(1_000);
    await table.run("update readings set kwh = 1000000 where id = 42");
    const [finding, ...more] = await found();
    assert.equal(more.length, 0);
    assert.equal(finding?.kind, "changed");
    assert.deepEqual(finding.columns, ["kwh"]);
    assert.ok(text(finding.key).endsWith("42"));
    assert.deepEqual([finding.sinceMs, finding.foundMs], [soundMs, rig.clock.now()]);
    const evidence = JSON.parse(finding.evidence) as {
      leaf: string;
      path: string[];
      batch: number;
    };
    assert.deepEqual([evidence.batch, evidence.path.length], [1, 9]);
    assert.ok(finding.copy !== null && !text(finding.copy).includes("1e6"));
    assert.equal(rig.raised.length, 1);
    assert.ok(rig.events.some((event) => JSON.stringify(event).includes("evidenceHash")));
    const { state } = await rig.service.prover(id).state("42");
    assert.equal(state, "changed");
    await assert.rejects(rig.service.prover(id).proof("42", []), { code: "MAPPING_ROW" });
  });

  it("notices rows that were deleted, inserted and swapped", async () => {
    await mapped();
    await table.run("delete from readings where id = 10");
    await table.run("delete from readings where id = 300");
    const [a] = await table.run("select meter, kwh from readings where id = 20");
    const [b] = await table.run("select meter, kwh from readings where id = 21");
    await table.run("update readings set meter = ?, kwh = ? where id = 20", [b.meter, b.kwh]);
    await table.run("update readings set meter = ?, kwh = ? where id = 21", [a.meter, a.kwh]);
    await table.run("insert into readings values (10, 'M9', 1, null)");
    await table.run("update readings set id = -5 where id = 30");
    assert.deepEqual(kinds(await found()), [
      ...["changed meter kwh", "deleted", "deleted", "inserted"],
      ...["swapped meter kwh", "swapped meter kwh"],
    ]);
    assert.deepEqual((await found()).length, 6);
    assert.equal(rig.raised.length, 6);
  });

  it("says so when a row is as it was again", async () => {
    await mapped();
    await table.run("update readings set note = 'x' where id = 5");
    assert.deepEqual(kinds(await found()), ["changed note"]);
    await table.run("update readings set note = null where id = 5");
    assert.deepEqual(await found(), []);
    const [all] = await rig.tables.findings.page(
      rig.service.find("readings").parts.id,
      5,
      undefined,
    );
    assert.equal(all?.settledHow, "restored");
  });

  it("takes a declared change and a declared removal, and no other", async () => {
    const id = await mapped();
    await rig.service.declare(id, ["7", "8"], "meter exchanged", "operator");
    await table.run("update readings set note = 'exchanged' where id = 7");
    await table.run("delete from readings where id = 8");
    await table.run("update readings set note = 'quietly' where id = 9");
    assert.deepEqual(kinds(await found()), ["changed note"]);
    assert.equal(await rig.service.run(id), 2);
    assert.deepEqual(kinds(await found()), ["changed note"]);
    await table.run("update readings set note = 'again' where id = 7");
    assert.equal((await found()).length, 2);
  });

  it("follows a watermark: later rows and changes are lawful, others are not", async () => {
    await table.run("create table orders (id text primary key, at text not null, sum numeric)");
    const put = (id: string, at: string, sum: number) =>
      table.run("insert into orders values (?, ?, ?)", [id, at, sum]);
    await put("b", "2026-01-01T00:00:01", 1);
    await put("a", "2026-01-01T00:00:02", 2);
    await mapped({ table: "orders", key: ["id"], watermark: "at" });
    await table.run("update orders set sum = 5, at = '2026-01-01T00:00:03' where id = 'b'");
    await put("0", "2026-01-01T00:00:02", 7); // greater watermark and key only together
    await put("z", "2026-01-01T00:00:02", 8);
    assert.deepEqual(kinds(await found()), ["inserted"]);
    await rig.service.run("readings");
    assert.equal(await rig.service.run("readings"), 2);
    await table.run("update orders set sum = 6 where id = 'b'");
    assert.deepEqual(kinds(await found()), ["changed sum", "inserted"]);
  });

  it("stands still where the schema changes, with nothing half-done, and goes on after", async () => {
    const id = await mapped();
    await table.run("alter table readings rename column kwh to wh");
    await assert.rejects(rig.service.run(id), { code: "MAPPING_SCHEMA" });
    assert.equal(rig.service.find(id).mapping().paused?.code, "MAPPING_SCHEMA");
    await assert.rejects(rig.service.sweep(id), { code: "MAPPING_PAUSED" });
    await table.run("alter table readings rename column wh to kwh");
    await rig.service.setPaused(id, false, "operator");
    assert.deepEqual(await found(), []);
  });

  it("a value of another type stops the mapping before anything of its batch is kept", async () => {
    await table.run("update readings set kwh = 'much' where id = 250");
    await rig.service.add("readings", request(), "operator");
    await assert.rejects(
      rig.service.run("readings"),
      (fault: { code: string; message: string }) => {
        assert.equal(fault.code, "ROW_VALUE");
        assert.match(fault.message, /250, column kwh/);
        return !fault.message.includes("much");
      },
    );
    assert.equal((await rig.store.read("mapping_rows")).length, 0);
    assert.equal((await rig.store.read("mapping_batches")).length, 0);
  });

  it("needs a unique key that is never NULL, of a type with an order", async () => {
    await table.run("create table loose (id integer, code text unique, at real not null unique)");
    const add = (change: Parameters<typeof request>[0]) =>
      rig.service.add("x", request({ table: "loose", ...change }), "operator");
    for (const key of ["id", "code", "at", "nothing"]) {
      await assert.rejects(add({ key: [key] }), { code: "MAPPING_INVALID" }, key);
    }
    await assert.rejects(add({ table: "nowhere" }), { code: "MAPPING_INVALID" });
    const types = { meter: "float" as const };
    await assert.rejects(rig.service.add("x", request({ types }), "o"), {
      code: "MAPPING_INVALID",
    });
  });

  it("quotes every name: what looks like SQL is a name", async () => {
    const evil = `x"; drop table readings; --`;
    await table.run(`create table "${evil.replaceAll('"', '""')}" (
      "id as other" integer primary key, "a.b" text, "'; select 1 --" blob)`);
    await table.run(`insert into "${evil.replaceAll('"', '""')}" values (1, 'v', x'00ff')`);
    await mapped({ table: evil, key: ["id as other"] });
    assert.deepEqual(await found(), []);
    const proof = await rig.service.prover("readings").proof("1", []);
    const { values } = verifyRowProof(rig.builder.chain, proof);
    assert.deepEqual([...values.keys()], ["a.b", "'; select 1 --"]);
    const [{ left }] = await table.run("select count(*) as left from readings");
    assert.equal(left, 300);
    const key = "1 or 1=1";
    await assert.rejects(rig.service.prover("readings").proof(key, []), {
      code: "REQUEST_INVALID",
    });
  });

  it("goes on with a sweep where it was, after the database and the hub were away", async () => {
    const id = await mapped();
    const { worker } = rig.service.find(id);
    await table.run("update readings set note = 'x' where id = 290");
    const { parts } = rig.service.find(id);
    const { Sweeper } = await import("../../hub/src/mapping/sweeper.ts");
    assert.equal(await new Sweeper(parts).step(), false);
    await parts.source.checkSchema();
    const half = parts.progress().sweep;
    assert.equal(half?.rows, 100);
    await worker.stop();
    await rig.stop(true);
    rig = await mappingRig(table.connect, { folder: rig.folder, builder: rig.builder });
    await rig.service.sweep(id);
    const [last] = await rig.store.read("mapping_sweeps").orderBy("number", "desc");
    assert.deepEqual([last.number, last.rows], [half?.number, 300]);
    assert.equal(rig.raised.length, 1);
  });

  it("whoever changes the hub's own leaves is noticed too", async () => {
    const id = await mapped();
    await rig.store.transaction((db) =>
      db("mapping_batches").update({ leaves: Buffer.alloc(300 * 32) }),
    );
    const { parts } = rig.service.find(id);
    const { BatchLeaves } = await import("../../hub/src/mapping/batch-leaves.ts");
    const fresh = new BatchLeaves(parts.hash, rig.tables.batches);
    await assert.rejects(fresh.of(id, 1), { code: "STORE_CORRUPT" });
  });
});
