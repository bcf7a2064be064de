import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { canonicalValue } from "@gridledger/protocol/rows/canonical-value";
import type { MappedColumn } from "@gridledger/protocol/rows/mapped-table";
import { verifyRowProof } from "@gridledger/protocol/rows/row-proof";
import { databaseFault } from "../../hub/src/mapping/connectors/database-fault.ts";
import { Sweeper } from "../../hub/src/mapping/sweeper.ts";
import { type MappingRig, mappingRig, request } from "./rig.ts";
import { readsEnds, standsStill, takesNames, tellsRights } from "./server-cases.ts";
import { type End, mariadbEnds, postgresEnds } from "./server-ends.ts";
import { freePort, noMariadb, type Server, startMariadb, startPostgres } from "./servers.ts";
import { sqliteTable } from "./sqlite-table.ts";

/** One row in every type, written as each database writes it; all must read as this. */
const columns: readonly MappedColumn[] = [
  { name: "id", type: "integer" },
  { name: "big", type: "integer" },
  { name: "amount", type: "decimal" },
  { name: "d", type: "float" },
  { name: "f", type: "float32" },
  { name: "name", type: "text" },
  { name: "code", type: "char" },
  { name: "photo", type: "bytes" },
  { name: "paid", type: "boolean" },
  { name: "day", type: "date" },
  { name: "at", type: "timestamp" },
  { name: "moment", type: "timestamptz" },
  { name: "doc", type: "json" },
  { name: "remark", type: "text" },
];
const expected = [
  ...["1", "9007199254740993", "-123450000000000000001e-8", "0.1", "0.10000000149011612"],
  ...["é e\u0301 '\"\\ 电", "ab", Uint8Array.of(0, 255, 39), "1", "2026-03-29"],
  ...["2026-03-29T02:30:00.25", "2026-03-29T00:30:00.25Z", '{"a":[1,25e-1],"b":null}', null],
];
const values = (bytes: string, moment: string, backslash: string) =>
  `(1, 9007199254740993, -1234500000000.00000001, 0.1, 0.1, 'é e\u0301 ''"${backslash} 电', 'ab',
    ${bytes}, true, '2026-03-29', '2026-03-29 02:30:00.25', '${moment}',
    '{"b": null, "a": [1.0, 2.50]}', null)`;

async function readAll(server: Pick<Server, "connect">) {
  const connector = server.connect();
  const name = { schema: undefined, table: "types" };
  const query = { ...name, columns, order: columns.slice(0, 1), after: null, upTo: null, limit: 5 };
  const rows = await connector.page(query);
  await connector.close();
  return rows.map((row) => columns.map(({ type }, at) => canonicalValue(type, row[at])));
}

const evil = (quote: string) => `x${quote}; drop table readings; -- '`;

/** How this server says it. */
interface Speech {
  readonly types: readonly string[];
  readonly ends: readonly End[];
  /** Makes another schema, and lets our user read it. */
  readonly schema: readonly string[];
  readonly retype: readonly [string, string];
  readonly reader: string;
}

const SCHEMA = "an other";

function behaves(name: string, quote: string, start: () => Promise<Server>, speech: Speech) {
  let server: Server;
  let rig: MappingRig;
  const quoted = (text: string) => quote + text.replaceAll(quote, quote + quote) + quote;

  before(async () => {
    server = await start();
    rig = await mappingRig(() => server.connect());
    await server.run(
      "create table readings (id integer primary key, kwh decimal(12,3) not null, note varchar(40))",
    );
    const rows = Array.from({ length: 250 }, (_, i) => `(${i + 1}, ${i}.5, 'n${i}')`);
    await server.run(`insert into readings values ${rows.join(",")}`);
  });
  after(async () => {
    await rig.stop();
    await server.stop();
  });

  it(`reads a row of ${name} as every other database's`, async () => {
    for (const sql of speech.types) await server.run(sql);
    const [row] = await readAll(server);
    assert.deepEqual(row?.map(bufferless), expected);
    const connector = server.connect();
    const order = columns.slice(0, 1);
    const page = { schema: undefined, table: "types", columns, order, after: null, upTo: null };
    const long = columns.filter(({ name: one }) => ["name", "photo", "remark"].includes(one));
    assert.equal(await connector.bytes({ ...page, limit: 3 }, long), 14 + 3);
    await connector.close();
  });

  it(`reads the ends of each type of ${name} as they stand, or refuses them`, async () => {
    await readsEnds(server, speech.ends);
  });

  it(`finds what was done to a table of ${name}, and proves what was not`, async () => {
    const { parts, anchorer } = await rig.service.add("readings", request(), "operator");
    assert.equal(await rig.service.run("readings"), 250);
    await anchorer.poke();
    await rig.service.sweep("readings");
    assert.deepEqual(rig.raised, []);
    await server.run("update readings set kwh = 7777 where id = 77");
    await server.run("delete from readings where id = 200");
    await rig.service.sweep("readings");
    const found = await rig.tables.findings.open(parts.id);
    assert.deepEqual(found.map(({ kind, columns: named }) => [kind, ...named].join(" ")).sort(), [
      "changed kwh",
      "deleted",
    ]);
    const proof = await rig.service.prover("readings").proof("5", []);
    const proven = verifyRowProof(rig.builder.chain, JSON.parse(JSON.stringify(proof)));
    assert.deepEqual(Object.fromEntries(proven.values), { kwh: "45e-1", note: "n4" });
  });

  it(`tells where the account of ${name} may do more than read`, async () => {
    await tellsRights(rig, server, speech.reader);
  });

  it(`stands still where a table of ${name} becomes another one`, async () => {
    await standsStill(rig, server, quote, speech.retype);
  });

  it(`takes every name that ${name} takes`, async () => {
    for (const sql of speech.schema) await server.run(sql);
    await takesNames(rig, server, quoted, SCHEMA);
  });

  it(`goes on with a sweep when ${name} has dropped the connection`, async () => {
    const { parts } = rig.service.find("readings");
    const sweeper = new Sweeper(parts);
    assert.equal(await sweeper.step(), false);
    const half = parts.progress().sweep;
    await server.dropReaders();
    const sweep = () =>
      rig.service.sweep("readings").then(
        () => "done",
        (fault: { code: string }) => fault.code,
      );
    // Each connection of the pool may have to be found dead first.
    const outcomes = [await sweep()];
    while (outcomes.at(-1) === "DATABASE_UNREACHABLE" && outcomes.length < 4) {
      outcomes.push(await sweep());
    }
    assert.equal(outcomes.at(-1), "done", outcomes.join(", "));
    const [last] = await rig.store.read("mapping_sweeps").orderBy("number", "desc");
    assert.deepEqual([last.number, last.rows], [half?.number, 249]);
  });

  it(`quotes names and only reads, also where the user of ${name} could write`, async () => {
    const table = quoted(evil(quote));
    await server.run(`create table ${table} (${quoted("k as x")} integer primary key)`);
    await server.run(`insert into ${table} values (1)`);
    const change = { table: evil(quote), key: ["k as x"] };
    await rig.service.add("evil", request(change), "operator");
    assert.equal(await rig.service.run("evil"), 1);
    await assert.rejects(server.writeAsOwner("insert into readings values (999, 1, null)"), {
      code: /^(25006|ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION)$/,
    });
    await assert.rejects(rig.service.add("bad", request({ table: "a?b" }), "o"), {
      code: /REQUEST_INVALID|MAPPING_INVALID/,
    });
  });
}

function bufferless(value: unknown): unknown {
  return value instanceof Uint8Array ? Uint8Array.from(value) : value;
}

describe("SQLite", () => {
  it("reads a row as every other database's", async () => {
    const table = sqliteTable();
    await table.run(
      `create table types (id integer primary key, big integer, amount text, d real, f real, name text,
        code text, photo blob, paid boolean, day text, at text, moment text, doc text, remark text)`,
    );
    const sql = values("x'00ff27'", "2026-03-29T02:30:00.250+02:00", "\\");
    await table.run(
      `insert into types values ${sql.replace("-1234500000000.00000001", "'-1234500000000.00000001'")}`,
    );
    const [row] = await readAll(table);
    assert.deepEqual(row?.map(bufferless), expected);
    await table.close();
  });
});

describe("PostgreSQL", () => {
  const types = [
    `create table types (id int primary key, big bigint, amount numeric(40,10), d float8, f float4,
      name text, code char(6), photo bytea, paid boolean, day date, at timestamp, moment timestamptz,
      doc jsonb, remark text)`,
    `insert into types values ${values("'\\x00ff27'", "2026-03-29 02:30:00.25+02", "\\")}`,
  ];
  behaves("PostgreSQL", '"', startPostgres, {
    ...{ types, ends: postgresEnds, reader: "reader", schema: [`create schema "${SCHEMA}"`] },
    retype: [
      "alter table shape alter column v type text",
      "alter table shape alter column v type integer using v::integer",
    ],
  });
});

describe("MariaDB", { skip: noMariadb }, () => {
  const types = [
    "set time_zone = '+02:00'",
    `create table types (id int primary key, big bigint, amount decimal(40,10), d double, f float,
      name text character set utf8mb4, code char(6), photo blob, paid boolean, day date, at datetime(6),
      moment timestamp(6) null, doc json, remark text)`,
    `insert into types values ${values("x'00ff27'", "2026-03-29 02:30:00.25", "\\\\")}`,
    "set sql_mode = ''", // zero dates, as old applications write them
  ];
  behaves("MariaDB", "`", startMariadb, {
    ...{ types, ends: mariadbEnds, reader: "reader@'%'" },
    schema: [
      `create database \`${SCHEMA}\` character set utf8mb4`,
      `grant select on \`${SCHEMA}\`.* to reader@'%'`,
    ],
    retype: [
      "alter table shape modify column v varchar(20)",
      "alter table shape modify column v integer",
    ],
  });
});

describe("a database that does not answer", () => {
  it("is named by its name in the list alone", async () => {
    const { connectPostgres, postgresDialect } = await import(
      "../../hub/src/mapping/connectors/postgres.ts"
    );
    const { SqlConnector } = await import("../../hub/src/mapping/connectors/sql-connector.ts");
    const address = {
      ...{ host: "127.0.0.1", port: await freePort(), user: "secret-user", password: "secret" },
      ...{ database: "secret-db", ssl: undefined, statementTimeoutMs: 1_000 },
    };
    const db = connectPostgres(address);
    const connector = new SqlConnector({ db, dialect: postgresDialect, name: "billing" });
    await assert.rejects(
      connector.count({ schema: undefined, table: "t" }),
      (fault: { code: string; message: string }) => {
        assert.equal(fault.code, "DATABASE_UNREACHABLE");
        assert.ok(!fault.message.includes("secret"));
        return fault.message.includes("billing");
      },
    );
    await connector.close();
  });

  it("is told from one that refuses", () => {
    const refused = Object.assign(new Error("select secret from t"), { code: "42501" });
    assert.equal(databaseFault(refused, "x").code, "DATABASE_REFUSED");
    assert.ok(!databaseFault(refused, "x").message.includes("secret"));
    const lost = Object.assign(new Error("x"), { code: "ECONNRESET" });
    assert.equal(databaseFault(lost, "x").code, "DATABASE_UNREACHABLE");
  });
});
