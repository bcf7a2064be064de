import assert from "node:assert/strict";
import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { createSecretPage, openSecretPage } from "@gridledger/protocol/keys/secret-page";
import { verifyRowProof } from "@gridledger/protocol/rows/row-proof";
import { Databases } from "../../hub/src/mapping/connectors/databases.ts";
import { call } from "../hub/call.ts";
import { signedInAs } from "../hub/people.ts";
import { type Rig, startRig } from "../hub/rig.ts";
import { ChainBuilder } from "../support/chain-builder.ts";
import { type MappingRig, mappingRig, request } from "./rig.ts";
import { sqliteTable } from "./sqlite-table.ts";

const builder = new ChainBuilder();
const table = sqliteTable();
let room: MappingRig;
let rig: Rig;
let headers: Record<string, string>;
let databases: Databases;

before(async () => {
  await table.readings(50);
  room = await mappingRig((name) => databases.connect(name), { builder });
  const file = join(room.folder, "databases.json");
  const server = { kind: "postgres", host: "db.example", database: "d", user: "u" };
  const list = {
    app: { kind: "sqlite", file: table.file },
    far: { ...server, passwordEnv: "GL_TEST_PASSWORD" },
  };
  writeFileSync(file, JSON.stringify(list), { mode: 0o600 });
  databases = new Databases(file, { GL_TEST_PASSWORD: "swordfish" });
  const mappings = { service: room.service, databases, stop: async () => {} };
  rig = await startRig(builder, { mappings });
  headers = await signedInAs(rig, { name: "li", roles: ["operator"] });
});

after(async () => {
  await rig.stop();
  await room.stop();
  await table.close();
});

const get = (path: string) => call(rig, `/api/v1${path}`, { headers });
const post = (path: string, body: object = {}) =>
  call(rig, `/api/v1${path}`, { headers, body, method: "POST" });

describe("mapped tables over REST", () => {
  it("are added, run, searched in the catalogue, and proven", async () => {
    const facts = { owner: "Metering", classification: "confidential", retentionDays: 3_650 };
    const asked = { name: "readings", database: "app", table: "readings", key: ["id"], ...facts };
    const added = await post("/mappings", asked);
    assert.equal(added.status, 200, JSON.stringify(added.json));
    assert.deepEqual(added.json.columns[1], { name: "kwh", type: "decimal" });
    assert.equal((await post("/mappings", asked)).json.code, "MAPPING_EXISTS");
    assert.deepEqual((await post("/mappings/readings/run")).json, { rows: 50 });
    await room.service.find("readings").anchorer.poke();
    const { items } = (await get("/catalogue?search=METER")).json;
    const [one] = items;
    assert.equal(items.length, 1);
    assert.deepEqual([one.coverage, one.provableRows, one.findings], [1, 50, 0]);
    assert.equal(one.detectWithinMs, 3_600_000 + 2 * 25 + 1_000);
    assert.equal((await get("/catalogue?search=nobody")).json.items.length, 0);
    assert.equal((await get("/mappings/readings/rows/7")).json.state, "sound");
    const { json: proof } = await get("/mappings/readings/rows/7/proof?columns=kwh");
    const proven = verifyRowProof(builder.chain, proof);
    assert.deepEqual([...proven.values], [["kwh", "105e-1"]]);
  });

  it("show what was found, and count it out of the coverage", async () => {
    await table.run("update readings set kwh = 9 where id = 7");
    assert.equal((await post("/mappings/readings/sweep")).status, 202);
    await room.service.sweep("readings");
    const { json } = await get("/mappings/readings/findings");
    const [{ key, kind, columns }] = json.items;
    assert.deepEqual({ key, kind, columns }, { key: "7", kind: "changed", columns: ["kwh"] });
    assert.equal((await get("/mappings/readings")).json.coverage, 0.98);
    assert.equal((await get("/mappings/readings/rows/7/proof")).json.code, "MAPPING_ROW");
    const declared = { keys: ["7"], reason: "meter exchanged" };
    assert.equal((await post("/mappings/readings/changes", declared)).json.rows, 1);
    await post("/mappings/readings/run");
    const [settled] = (await get("/mappings/readings/findings")).json.items;
    assert.equal(settled.settledHow, "declared");
  });

  it("tell names of databases and nothing else of them", async () => {
    const { json } = await get("/databases");
    assert.deepEqual(json.items, [
      { name: "app", kind: "sqlite" },
      { name: "far", kind: "postgres" },
    ]);
    const said = JSON.stringify([json, room.lines, room.events]);
    for (const secret of ["swordfish", "db.example", table.file]) assert.ok(!said.includes(secret));
    const unknown = { name: "x", database: "nowhere", table: "t", key: ["id"] };
    assert.equal((await post("/mappings", unknown)).json.code, "DATABASE_UNKNOWN");
  });

  it("are not read from a list that others can read", () => {
    chmodSync(join(room.folder, "databases.json"), 0o644);
    assert.throws(() => databases.list(), { code: "KEY_INVALID" });
    chmodSync(join(room.folder, "databases.json"), 0o600);
  });
});

describe("an alarm", () => {
  it("tells the webhooks what was found, and no key", async () => {
    const other = await mappingRig(table.connect);
    const catalogue = {
      title: "",
      owner: "",
      classification: "public",
      retentionDays: null,
    } as const;
    await other.service.add("plain", request({ saltsPerColumn: false, catalogue }), "operator");
    await other.service.run("plain");
    await table.run("update readings set note = 'x' where id = 33");
    await other.service.sweep("plain");
    await other.stop();
    const [said, ...more] = other.told;
    assert.equal(more.length, 0);
    assert.equal(said?.type, "mapping.finding");
    assert.deepEqual([said.alarm.kind, said.alarm.columns], ["changed", []]);
    assert.ok(!Object.hasOwn(said.alarm, "key"));
  });
});

describe("the mapping page", () => {
  it("opens with its secret alone", () => {
    const validity = { validFromMs: 1, validUntilMs: 2 };
    const page = createSecretPage(Buffer.alloc(32, 1), {
      module: "mapping",
      owner: "hub",
      ...validity,
    });
    assert.equal(openSecretPage(Buffer.alloc(32, 1), page).length, 32);
    assert.throws(() => openSecretPage(Buffer.alloc(32, 2), page), { code: "PASSPHRASE_WRONG" });
  });
});
