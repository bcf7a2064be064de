import { copyFile, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { startNetwork, until } from "../edge-node/processes.ts";
import { person } from "../edge-node/support.ts";
import { writeHistory } from "../support/history.ts";
import { type Figure, figure } from "./figure.ts";
import { residentBytes } from "./network.ts";

const READINGS = 100_000;
const METERS = 64;
const GIVE_UP_MS = 300_000;

interface Behind {
  readonly seconds: number;
  readonly rssBytes: number;
}

/** A new node process against four validators that hold the chain already, over a real broker. */
async function catchUp(
  transactionsPerBlock: number,
  readingsPerTransaction: number,
): Promise<Behind> {
  const net = await startNetwork();
  try {
    const blocks = Math.ceil(READINGS / (transactionsPerBlock * readingsPerTransaction));
    const plan = { blocks, transactionsPerBlock, readingsPerTransaction, meters: METERS };
    const files = net.nodes.map(({ home }) => join(home, "data", "chain.sqlite"));
    await writeHistory(net, files[0]!, plan);
    for (const file of files.slice(1)) {
      await mkdir(join(file, ".."));
      await copyFile(files[0]!, file);
    }
    await until("connected", () => net.observer.connected);
    await Promise.all(net.nodes.map((node) => node.start()));
    const newcomer = await net.addCandidate(person(), { logLevel: "info" });
    const startedMs = performance.now();
    await newcomer.start();
    const atTip = () => newcomer.logged("sync: at the tip").at(-1);
    let peakBytes = 0;
    await until(
      "at the tip",
      () => {
        peakBytes = Math.max(peakBytes, residentBytes(newcomer.pid));
        return Number(atTip()?.toHeight ?? 0) >= blocks;
      },
      GIVE_UP_MS,
    );
    return { seconds: (performance.now() - startedMs) / 1_000, rssBytes: peakBytes };
  } finally {
    await net.stop();
  }
}

/** How long a new node needs to the tip of 100,000 readings, from the start of its process on. */
export async function measureSync(): Promise<Figure[]> {
  const batched = await catchUp(16, 64);
  const single = await catchUp(50, 1);
  return [
    figure("sync_batched_s", batched.seconds, "s"),
    figure("sync_single_s", single.seconds, "s"),
    figure("sync_single_tx_per_s", READINGS / single.seconds, "tx/s"),
    figure("sync_rss_mb", Math.max(batched.rssBytes, single.rssBytes) / 1e6, "MB"),
  ];
}
