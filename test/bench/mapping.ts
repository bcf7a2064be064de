import { statSync } from "node:fs";
import { join } from "node:path";
import { formatHex } from "@gridledger/protocol/hex";
import { encodeValues } from "@gridledger/protocol/rows/row-leaf";
import { Sweeper } from "../../hub/src/mapping/sweeper.ts";
import { mappingRig, request } from "../mapping/rig.ts";
import { type Server, startPostgres } from "../mapping/servers.ts";
import { sqliteTable } from "../mapping/sqlite-table.ts";
import { type Figure, figure, percentile } from "./figure.ts";

const TAMPERINGS = 1_000;
const TAMPERED_ROWS = 4_000;
const CYCLES = 20;
const ROWS_PER_SECOND = 500;
const SWEEP_EVERY_MS = 30_000;

type App = Pick<Server, "run" | "connect">;

/** A table of an application: a key, six columns, some 60 bytes a row. */
async function fill({ run }: App, table: string, rows: number): Promise<void> {
  await run(
    `create table ${table} (id integer primary key, meter varchar(20) not null, kwh decimal(12,3),
      tariff integer, at varchar(20), note varchar(40), paid integer)`,
  );
  for (let from = 1; from <= rows; from += 1_000) {
    const some = Array.from({ length: Math.min(1_000, rows - from + 1) }, (_, i) => {
      const id = from + i;
      return `(${id},'M${id % 977}',${id}.25,${id % 5},'2026-03-29T01:30:00',null,${id % 2})`;
    });
    await run(`insert into ${table} values ${some.join(",")}`);
  }
}

/** Rows a second mapped and swept, and what a row costs in the hub's file and on the chain. */
async function measureRows(name: string, app: App, rows: number): Promise<Figure[]> {
  const table = `t${rows}`;
  await fill(app, table, rows);
  const rig = await mappingRig(() => app.connect());
  const file = join(rig.folder, "hub.sqlite");
  try {
    const before = statSync(file).size;
    const { parts, anchorer } = await rig.service.add("bench", request({ table }), "bench");
    const run = await timed(() => rig.service.run("bench"));
    await anchorer.poke();
    const sweep = await timed(() => rig.service.sweep("bench"));
    if (rig.raised.length > 0 || parts.progress().tableRows !== rows) throw new Error("not swept");
    await rig.store.transaction((db) => db.raw("select 1"));
    const chain = rig.anchored.reduce((sum, { length }) => sum + length, 0);
    await rig.stop(true);
    const hub = statSync(file).size - before;
    const as = `${name}_${rows}`;
    return [
      figure(`${as}_mapped_rows_per_s`, rows / run.seconds, "rows/s"),
      figure(`${as}_mapped_cpu_us_per_row`, (run.cpuSeconds * 1e6) / rows, "µs"),
      figure(`${as}_swept_rows_per_s`, rows / sweep.seconds, "rows/s"),
      figure(`${as}_swept_cpu_us_per_row`, (sweep.cpuSeconds * 1e6) / rows, "µs"),
      figure(`${as}_hub_bytes_per_row`, hub / rows, "B"),
      figure(`${as}_chain_bytes_per_row`, chain / rows, "B"),
    ];
  } finally {
    await rig.stop().catch(() => {});
  }
}

/** Processor time is that of this process alone: a server's is its own. */
async function timed(work: () => Promise<unknown>) {
  const startMs = performance.now();
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return { seconds: (performance.now() - startMs) / 1_000, cpuSeconds: (user + system) / 1e6 };
}

type Kind = "change" | "delete" | "insert" | "swap";
const kinds: readonly Kind[] = ["change", "change", "delete", "insert", "swap"];

interface Tampering {
  readonly kind: Kind;
  /** Rows of the table; two where they are swapped. */
  readonly ids: readonly number[];
  readonly atMs: number;
}

/** Of so many rows, at random times of so many milliseconds, in the order of their times. */
function tamperings(rows: number, begunMs: number, withinMs: number): Tampering[] {
  const ids = shuffled(rows).map((id) => id * 2);
  const planned: Tampering[] = [];
  while (ids.length > 0) {
    const kind = kinds[Math.floor(Math.random() * kinds.length)]!;
    const atMs = begunMs + Math.random() * withinMs;
    if (kind !== "swap") planned.push({ kind, ids: ids.splice(-1), atMs });
    else if (ids.length > 1) planned.push({ kind, ids: ids.splice(-2), atMs });
  }
  return planned.sort((a, b) => a.atMs - b.atMs);
}

/** @returns keys of the rows that are not as they were anchored now */
async function tamper({ run }: ReturnType<typeof sqliteTable>, { kind, ids }: Tampering) {
  const [id = 0, other = 0] = ids;
  if (kind === "change") await run("update readings set kwh = -1 where id = ?", [id]);
  if (kind === "delete") await run("delete from readings where id = ?", [id]);
  if (kind === "insert") await run("insert into readings values (?, 1, null)", [id - 1]);
  if (kind === "swap") {
    await run("update readings set kwh = ? - kwh where id in (?, ?)", [
      (id + other) * 0.75,
      id,
      other,
    ]);
  }
  return kind === "insert" ? [id - 1] : ids;
}

/**
 * 1,000 random tamperings at random times of a clock that the budget moves on: how long each stands until
 * it is told, against the stated bound. Keys are even: what is inserted is odd.
 */
async function measureDetection(): Promise<Figure[]> {
  const table = sqliteTable();
  await table.run("create table readings (id integer primary key, kwh numeric, note text)");
  await table.run(
    `with recursive n(i) as (select 1 union all select i + 1 from n where i < ${TAMPERED_ROWS})
     insert into readings select i * 2, i * 1.5, null from n`,
  );
  const rig = await mappingRig(table.connect, { paces: true });
  const budget = {
    ...{ rowsPerSecond: ROWS_PER_SECOND, runEveryMs: 60_000 },
    ...{ sweepEveryMs: SWEEP_EVERY_MS, sampleRows: 0 },
  };
  const { parts } = await rig.service.add("readings", request({ budget }), "bench");
  await rig.service.run("readings");
  const sweeper = new Sweeper(parts);
  const cycleMs = SWEEP_EVERY_MS + (TAMPERED_ROWS / ROWS_PER_SECOND) * 1_000;
  const begunMs = rig.clock.now();
  const waiting = tamperings(TAMPERINGS, begunMs, cycleMs * (CYCLES - 2));
  const doneAt = new Map<string, number>();
  const catchUp = async () => {
    while (waiting[0] !== undefined && waiting[0].atMs <= rig.clock.now()) {
      for (const key of await tamper(table, waiting.shift()!)) {
        doneAt.set(keyName(key), rig.clock.now());
      }
    }
  };
  for (let cycle = 0; cycle < CYCLES; cycle++) {
    do await catchUp();
    while (!(await sweeper.step()));
    for (let waited = 0; waited < SWEEP_EVERY_MS; waited += 500) {
      rig.clock.advance(500);
      await catchUp();
    }
  }
  const found = await rig.tables.findings.page(parts.id, 10_000, undefined);
  const delays = found.flatMap(({ key, foundMs }) => {
    const at = doneAt.get(formatHex(key));
    return at === undefined ? [] : [foundMs - at];
  });
  const falseAlarms = found.length - delays.length;
  await rig.stop();
  await table.close();
  const bound = SWEEP_EVERY_MS + (2_000 * TAMPERED_ROWS) / ROWS_PER_SECOND + 1_000;
  return [
    figure("tamperings", doneAt.size, ""),
    figure("tamperings_found", delays.length, ""),
    figure("found_as_swapped", found.filter(({ kind }) => kind === "swapped").length, ""),
    figure("false_alarms", falseAlarms, ""),
    figure("found_after_p50_s", percentile(delays, 0.5) / 1_000, "s"),
    figure("found_after_p99_s", percentile(delays, 0.99) / 1_000, "s"),
    figure("found_after_max_s", percentile(delays, 1) / 1_000, "s", bound / 1_000),
  ];
}

function keyName(id: number): string {
  return formatHex(encodeValues([{ name: "id", type: "integer" }], [String(id)]));
}

/** So many different numbers of 1 … `TAMPERED_ROWS`. */
function shuffled(count: number): number[] {
  const all = Array.from({ length: TAMPERED_ROWS }, (_, i) => i + 1);
  for (let i = 0; i < count; i++) {
    const other = i + Math.floor(Math.random() * (all.length - i));
    [all[i], all[other]] = [all[other]!, all[i]!];
  }
  return all.slice(0, count);
}

/** Tables of other databases (guide §9.2–9.4). */
export async function measureMapping(sizes: readonly number[]): Promise<Figure[]> {
  const figures: Figure[] = [];
  const table = sqliteTable();
  const sqlite: App = { run: (sql) => table.run(sql), connect: () => table.connect() };
  for (const rows of sizes) figures.push(...(await measureRows("sqlite", sqlite, rows)));
  await table.close();
  const postgres = await startPostgres();
  for (const rows of sizes) figures.push(...(await measureRows("postgres", postgres, rows)));
  await postgres.stop();
  return [...figures, ...(await measureDetection())];
}
