import { readFileSync } from "node:fs";
import { copyFile, mkdir, mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { ChainStore } from "../../edge-node/src/store/chain-store.ts";
import { buildAll } from "../../hub/build/bundle.ts";
import { startNetwork, until } from "../edge-node/processes.ts";
import { network, person, suite } from "../edge-node/support.ts";
import { writeHistory } from "../support/history.ts";
import { type Figure, figure } from "./figure.ts";
import { residentBytes } from "./network.ts";

const TIP = "sync: at the tip";
/** USER_HZ of Linux. */
const TICKS_PER_SECOND = 100;
const READINGS = 100_000;
const DISK_READINGS = 1_000_000;
const READINGS_PER_BATCH = 64;
const METERS = 64;
const KEPT_BLOCKS = 1_000;
const GIVE_UP_MS = 600_000;
const VERIFY_MS = 1_000;

interface Shape {
  readonly transactionsPerBlock: number;
  readonly readingsPerTransaction: number;
}

interface Behind {
  readonly seconds: number;
  /** CPU time of the process, which other work on the machine does not stretch. */
  readonly cpuSeconds: number;
  readonly rssBytes: number;
}

/** A new node process against four validators that hold the chain already, over a real broker. */
async function catchUp(shape: Shape, mode: "full" | "snapshot" = "full"): Promise<Behind> {
  await buildAll();
  const net = await startNetwork();
  try {
    const blocks = Math.ceil(
      READINGS / (shape.transactionsPerBlock * shape.readingsPerTransaction),
    );
    const files = net.nodes.map(({ home }) => join(home, "data", "chain.sqlite"));
    await writeHistory(net, files[0]!, { blocks, ...shape, meters: METERS });
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
    return { seconds, cpuSeconds: cpuSeconds(newcomer.pid), rssBytes };
  } finally {
    await net.stop();
  }
}

/** Bytes of the file after a million readings, whole and with the newest blocks alone. */
async function diskBytes(): Promise<{ readonly whole: number; readonly pruned: number }> {
  const net = network();
  const folder = await mkdtemp(join(tmpdir(), "gridledger-bench-"));
  try {
    const file = join(folder, "chain.sqlite");
    const shape = { transactionsPerBlock: 4, readingsPerTransaction: READINGS_PER_BATCH };
    const blocks = Math.ceil(DISK_READINGS / (4 * READINGS_PER_BATCH));
    await writeHistory(net, file, { blocks, ...shape, meters: METERS });
    const whole = (await stat(file)).size;
    const store = new ChainStore({ chain: net.chain }, file);
    await store.open();
    while (await store.pruneStep(blocks - KEPT_BLOCKS + 1));
    while (await store.compactStep());
    await store.close();
    return { whole, pruned: (await stat(file)).size };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
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
  const perSecond = verifiesPerCpuSecond();
  const batched = await catchUp({ transactionsPerBlock: 16, readingsPerTransaction: 64 });
  const single = await catchUp({ transactionsPerBlock: 50, readingsPerTransaction: 1 });
  const snapshot = await catchUp(
    { transactionsPerBlock: 16, readingsPerTransaction: 64 },
    "snapshot",
  );
  const disk = await diskBytes();
  return [
    figure("sync_batched_s", batched.seconds, "s"),
    figure("sync_batched_cpu_s", batched.cpuSeconds, "s"),
    figure("sync_single_s", single.seconds, "s"),
    figure("sync_single_cpu_s", single.cpuSeconds, "s"),
    figure("sync_single_tx_per_cpu_s", READINGS / single.cpuSeconds, "tx/s", perSecond),
    figure("sync_snapshot_s", snapshot.seconds, "s"),
    figure("sync_rss_mb", Math.max(batched.rssBytes, single.rssBytes) / 1e6, "MB"),
    figure("disk_million_readings_mb", disk.whole / 1e6, "MB"),
    figure("disk_million_readings_pruned_mb", disk.pruned / 1e6, "MB"),
  ];
}
