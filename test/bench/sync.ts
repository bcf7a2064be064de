import { readFileSync } from "node:fs";
import { copyFile, mkdir, mkdtemp, rm, stat } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Chain } from "@gridledger/protocol/ledger/genesis";
import { ChainStore } from "../../edge-node/src/store/chain-store.ts";
import { buildAll } from "../../hub/build/bundle.ts";
import { startNetwork, until, type Validator } from "../edge-node/processes.ts";
import { network, person, suite } from "../edge-node/support.ts";
import { writeHistory } from "../support/history.ts";
import { type Figure, figure } from "./figure.ts";
import { residentBytes } from "./network.ts";

const TIP = "sync: at the tip";
const SNAPSHOT_BEGINS = "snapshot: begins";
const SNAPSHOT_ENDS = "snapshot: is the chain now";
/** USER_HZ of Linux. */
const TICKS_PER_SECOND = 100;
const READINGS = 100_000;
const DISK_READINGS = 1_000_000;
const READINGS_PER_BATCH = 64;
const METERS = 64;
/** Of the state that a snapshot brings. */
const SNAPSHOT_METERS = 25_000;
const oneEach: Shape = { transactionsPerBlock: 50, readingsPerTransaction: 1 };
const KEPT_BLOCKS = 1_000;
const GIVE_UP_MS = 600_000;
const VERIFY_MS = 1_000;

interface Shape {
  readonly transactionsPerBlock: number;
  readonly readingsPerTransaction: number;
}

interface History extends Shape {
  readonly readings: number;
  readonly meters: number;
}

interface Behind {
  /** From the start of the process. */
  readonly seconds: number;
  /** CPU time of the process, which other work on the machine does not stretch. */
  readonly cpuSeconds: number;
  readonly rssBytes: number;
  /** Of the snapshot alone, where there was one. */
  readonly snapshotBytesPerSecond: number;
}

function blocksOf({ readings, transactionsPerBlock, readingsPerTransaction }: History): number {
  return Math.ceil(readings / (transactionsPerBlock * readingsPerTransaction));
}

/** A new node process against four validators that hold the chain already, over a real broker. */
async function catchUp(history: History, mode: "full" | "snapshot" = "full"): Promise<Behind> {
  await buildAll();
  const net = await startNetwork();
  try {
    const blocks = blocksOf(history);
    const files = net.nodes.map(({ home }) => join(home, "data", "chain.sqlite"));
    await writeHistory(net, files[0]!, { blocks, ...history });
    for (const file of files.slice(1)) {
      await mkdir(dirname(file));
      await copyFile(files[0]!, file);
    }
    await until("connected", () => net.observer.connected);
    await Promise.all(net.nodes.map((node) => node.start()));
    const newcomer = await net.addCandidate(person(), { logLevel: "info", sync: mode });
    const startedMs = performance.now();
    await newcomer.start();
    let rssBytes = 0;
    // A snapshot is there before the process says that it is ready.
    const isThere = () =>
      mode === "snapshot" || Number(newcomer.logged(TIP).at(-1)?.toHeight ?? 0) >= blocks;
    const look = () => {
      rssBytes = Math.max(rssBytes, residentBytes(newcomer.pid));
      return isThere();
    };
    await until("at the tip", look, GIVE_UP_MS);
    const seconds = (performance.now() - startedMs) / 1_000;
    const snapshotBytesPerSecond = snapshotSpeed(newcomer);
    return { seconds, cpuSeconds: cpuSeconds(newcomer.pid), rssBytes, snapshotBytesPerSecond };
  } finally {
    await net.stop();
  }
}

/** State bytes a second, from its outline to the chain that it is. */
function snapshotSpeed(node: Validator): number {
  const began = node.logged(SNAPSHOT_BEGINS).at(-1);
  const ended = node.logged(SNAPSHOT_ENDS).at(-1);
  return (Number(ended?.bytes) * 1_000) / (Number(ended?.time) - Number(began?.time));
}

interface Disk {
  readonly whole: number;
  /** Old blocks are gone, their room is not. */
  readonly pruned: number;
  readonly compacted: number;
}

/** Bytes of the file after a million readings, whole and with the newest blocks alone. */
async function diskBytes(): Promise<Disk> {
  const net = network();
  const folder = await mkdtemp(join(tmpdir(), "gridledger-bench-"));
  try {
    const file = join(folder, "chain.sqlite");
    const shape = { transactionsPerBlock: 4, readingsPerTransaction: READINGS_PER_BATCH };
    const blocks = blocksOf({ readings: DISK_READINGS, meters: METERS, ...shape });
    await writeHistory(net, file, { blocks, ...shape, meters: METERS });
    const whole = (await stat(file)).size;
    const pruned = await bytesAfter(net.chain, file, async (store) => {
      while (await store.pruneStep(blocks - KEPT_BLOCKS + 1));
    });
    const compacted = await bytesAfter(net.chain, file, async (store) => {
      while (await store.compactStep());
    });
    return { whole, pruned, compacted };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function bytesAfter(chain: Chain, file: string, work: (store: ChainStore) => Promise<void>) {
  const store = new ChainStore({ chain }, file);
  await store.open();
  await work(store);
  await store.close();
  return (await stat(file)).size;
}

/** Raw verifies in a CPU second of this machine, now. */
function verifiesPerCpuSecond(): number {
  const { signer } = person();
  const message = new Uint8Array(200).fill(7);
  const signature = signer.sign(message);
  const startedMs = performance.now();
  const before = process.cpuUsage();
  let verified = 0;
  while (performance.now() - startedMs < VERIFY_MS) {
    for (let i = 0; i < 50; i++) if (suite.verify(signer.publicKey, message, signature)) verified++;
  }
  const { user, system } = process.cpuUsage(before);
  return verified / ((user + system) / 1e6);
}

/** User and system time of a process. */
function cpuSeconds(pid: number): number {
  const text = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

/** How a new node comes to the tip of 100,000 readings, and what a million take on the disk. */
export async function measureSync(): Promise<Figure[]> {
  const perCpuSecond = verifiesPerCpuSecond();
  const many = { readings: READINGS, meters: METERS };
  const inBatches = { transactionsPerBlock: 16, readingsPerTransaction: READINGS_PER_BATCH };
  const batched = await catchUp({ ...many, ...inBatches });
  const single = await catchUp({ ...many, ...oneEach });
  const snapshot = await catchUp(
    { readings: SNAPSHOT_METERS, meters: SNAPSHOT_METERS, ...oneEach },
    "snapshot",
  );
  const disk = await diskBytes();
  const machine = perCpuSecond * availableParallelism();
  return [
    figure("sync_batched_s", batched.seconds, "s"),
    figure("sync_batched_cpu_s", batched.cpuSeconds, "s"),
    figure("sync_single_s", single.seconds, "s"),
    figure("sync_single_cpu_s", single.cpuSeconds, "s"),
    // Against every core of the machine doing nothing but raw verifies.
    figure("sync_single_tx_per_s", READINGS / single.seconds, "tx/s", machine),
    figure("sync_single_tx_per_cpu_s", READINGS / single.cpuSeconds, "tx/s", perCpuSecond),
    figure("sync_snapshot_s", snapshot.seconds, "s"),
    figure("sync_snapshot_mb_per_s", snapshot.snapshotBytesPerSecond / 1e6, "MB/s"),
    figure("sync_rss_mb", Math.max(batched.rssBytes, single.rssBytes) / 1e6, "MB"),
    figure("disk_million_readings_mb", disk.whole / 1e6, "MB"),
    figure("disk_million_readings_pruned_mb", disk.pruned / 1e6, "MB"),
    figure("disk_million_readings_compacted_mb", disk.compacted / 1e6, "MB"),
  ];
}
