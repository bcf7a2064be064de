import { createHash, randomBytes } from "node:crypto";
import { closeSync, createReadStream, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MerkleTree } from "@gridledger/protocol/merkle/tree";
import { isChunkOf, saltOf } from "@gridledger/protocol/objects/chunks";
import { encodeManifest, type ObjectManifest } from "@gridledger/protocol/objects/manifest";
import { ObjectDigest } from "@gridledger/protocol/objects/object-digest";
import sqlite3 from "sqlite3";
import { connectHub } from "../../hub/src/cli/hub/connect.ts";
import type { Declared } from "../../hub/src/cli/objects/cut-object.ts";
import { downloadObject } from "../../hub/src/cli/objects/download.ts";
import { openSource } from "../../hub/src/cli/objects/object-source.ts";
import { fetchCheckable } from "../../hub/src/cli/objects/proven-object.ts";
import { putObject } from "../../hub/src/cli/objects/put-object.ts";
import { soleKey } from "../support/sole-key.ts";
import { type Figure, figure } from "./figure.ts";
import { cpuSecondsOf, residentBytes, startBenchNetwork } from "./network.ts";

const MEGABYTES = 100;
const CHUNK_BYTES = 262_144;
const PROOFS = 20_000;
const WATCH_MS = 50;
const READ = "select bytes from pieces where id = ?";

const declared: Declared = {
  chunkBytes: CHUNK_BYTES,
  name: "load.bin",
  mediaType: "application/octet-stream",
  conversion: "bytes",
  saltPolicy: "per-chunk",
  classification: "internal",
  retentionDays: 0,
};

/** 100 MB through the hub and back, against the same bytes written into a plain SQLite file. */
export async function measureObjects(suite: string): Promise<readonly Figure[]> {
  const directory = mkdtempSync(join(tmpdir(), "gridledger-objects-"));
  const file = join(directory, "load.bin");
  writeRandom(file, MEGABYTES * 1_000_000);
  try {
    const plain = await plainSqlite(join(directory, "plain.sqlite"), file);
    const through = await throughHub(suite, file, join(directory, "back.bin"));
    const rate = ({ seconds }: Spent) => MEGABYTES / seconds;
    const perMb = ({ cpuSeconds: spent }: Spent) => (spent * 1_000) / MEGABYTES;
    return [
      figure("object_in_mb_per_s", rate(through.in), "MB/s", rate(plain.in)),
      figure("object_out_mb_per_s", rate(through.out), "MB/s", rate(plain.out)),
      figure("hub_cpu_ms_per_mb_in", perMb(through.in), "ms"),
      figure("hub_cpu_ms_per_mb_out", perMb(through.out), "ms"),
      figure("plain_cpu_ms_per_mb_in", perMb(plain.in), "ms"),
      figure("plain_cpu_ms_per_mb_out", perMb(plain.out), "ms"),
      figure("hub_rss_before_mb", through.before / 1e6, "MB"),
      figure("hub_rss_peak_mb", through.peak / 1e6, "MB", 128),
      figure("object_manifest_bytes", through.manifestBytes, "B"),
      ...proofs(through.chain.suite.hash),
    ];
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function writeRandom(path: string, bytes: number): void {
  const file = openSync(path, "w");
  for (let left = bytes; left > 0; left -= CHUNK_BYTES) {
    writeSync(file, randomBytes(Math.min(left, CHUNK_BYTES)));
  }
  closeSync(file);
}

async function throughHub(suite: string, file: string, back: string) {
  const network = await startBenchNetwork(suite);
  const pid = network.pids.get("hub")!;
  const before = residentBytes(pid);
  let peak = before;
  const watch = setInterval(() => {
    peak = Math.max(peak, residentBytes(pid));
  }, WATCH_MS);
  try {
    const { chain, device } = network;
    const key = soleKey(chain, device);
    const hub = connectHub({ url: network.url.replace(/\/$/, "") });
    const source = openSource(file, "bytes");
    const spent = () => cpuSecondsOf(pid);
    const [put, putSpent] = await timed(spent, () =>
      putObject({ hub, chain, key }, file, source, declared, 30_000),
    );
    const object = await fetchCheckable(hub, put.root, undefined);
    const [, getSpent] = await timed(spent, () => downloadObject(hub, object, back));
    if ((await sha256(file)) !== (await sha256(back))) throw new Error("other bytes came back");
    const manifestBytes = encodeManifest(object.manifest).length;
    return { in: putSpent, out: getSpent, before, peak, chain, manifestBytes };
  } finally {
    clearInterval(watch);
    await network.stop();
  }
}

/** To write and to read the same bytes in the same pieces, each write durable. */
async function plainSqlite(filename: string, file: string) {
  const db = new sqlite3.Database(filename);
  const run = (sql: string, values: readonly unknown[] = []) =>
    new Promise<void>((resolve, reject) => {
      db.run(sql, values, (error) => (error === null ? resolve() : reject(error)));
    });
  const get = (id: number) => new Promise((resolve) => db.get(READ, [id], resolve));
  for (const pragma of ["journal_mode=wal", "synchronous=full"]) await run(`pragma ${pragma}`);
  await run("create table pieces (id integer primary key, bytes blob not null)");
  const spent = () => cpuSecondsOf(process.pid);
  const [rows, writing] = await timed(spent, async () => {
    let count = 0;
    for await (const bytes of createReadStream(file, { highWaterMark: CHUNK_BYTES })) {
      await run("insert into pieces values (?, ?)", [count++, bytes]);
    }
    return count;
  });
  const [, reading] = await timed(spent, async () => {
    for (let id = 0; id < rows; id++) await get(id);
  });
  await new Promise((resolve) => db.close(resolve));
  return { in: writing, out: reading };
}

/** By the clock, and of a process's time. */
interface Spent {
  readonly seconds: number;
  readonly cpuSeconds: number;
}

async function timed<Answer>(
  spent: () => number,
  work: () => Promise<Answer>,
): Promise<[Answer, Spent]> {
  const startMs = performance.now();
  const before = spent();
  const answer = await work();
  const seconds = (performance.now() - startMs) / 1_000;
  return [answer, { seconds, cpuSeconds: spent() - before }];
}

async function sha256(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const piece of createReadStream(path)) hash.update(piece);
  return hash.digest("hex");
}

/** Paths of 1 KiB chunks in an object of 16,384, made and verified by one core. */
function proofs(hash: Parameters<typeof saltOf>[0]): Figure[] {
  const secret = randomBytes(32);
  const bytes = randomBytes(16_384 * 1_024);
  const small = { ...declared, chunkBytes: 1_024 };
  const digest = new ObjectDigest(hash, { ...small, secret });
  digest.push(bytes);
  const { root, leaves, sizeBytes } = digest.finish();
  const manifest: ObjectManifest = { ...small, root, sizeBytes };
  const tree = new MerkleTree(hash, leaves);
  const chunk = (at: number) => {
    const index = (at * 7_919) % leaves.length;
    const from = index * 1_024;
    const salt = saltOf(hash, "per-chunk", secret, index);
    return { index, salt, bytes: bytes.subarray(from, from + 1_024), path: tree.path(index) };
  };
  const made = cpuSeconds(() => {
    for (let at = 0; at < PROOFS; at++) chunk(at);
  });
  const some = Array.from({ length: PROOFS }, (_, at) => chunk(at));
  const verified = cpuSeconds(() => {
    for (const one of some) if (!isChunkOf(hash, manifest, one)) throw new Error("not proven");
  });
  return [
    figure("chunk_proofs_made_per_cpu_s", PROOFS / made, "proofs/s"),
    figure("chunk_proofs_verified_per_cpu_s", PROOFS / verified, "proofs/s"),
  ];
}

function cpuSeconds(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}
