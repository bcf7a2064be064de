import { cpus, totalmem } from "node:os";
import { parseArgs } from "node:util";
import { ApiClient } from "@gridledger/protocol/api/client";
import { measureAuthority } from "./authority.ts";
import { measureBroker } from "./broker.ts";
import { measureConsensus } from "./consensus.ts";
import { measureContracts } from "./contracts.ts";
import { measureCrypto } from "./crypto.ts";
import { type Figure, figure, median, percentile } from "./figure.ts";
import { Load } from "./load.ts";
import { measureMapping } from "./mapping.ts";
import { measureMarket } from "./market.ts";
import { type BenchNetwork, residentBytes, startBenchNetwork } from "./network.ts";
import { measureObjects } from "./objects.ts";
import { measureOneOff } from "./one-off.ts";
import { measureSync } from "./sync.ts";
import { measureVerifyLimit } from "./verify-limit.ts";

const help = `npm run bench -- [options]

Starts 4 validators and the hub on this machine, sends signed readings until they are final, and prints
what it measured against what the machine could do at most. Takes about two minutes.

  --json         one JSON object a line: name, value, unit, and where there is one limit and ratio
  --only NAMES   comma list of network, crypto, broker, ca, one-off, sync, consensus, contracts,
                 market, mapping, objects
                 (network)
  --suite NAME   crypto suite (international)
  --runs N       runs of each throughput figure, of which the median counts (3)
  --rows LIST    sizes of the tables of "mapping" (10000,100000); a million takes ten minutes
  --help`;

const { values: flags } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    only: { type: "string", default: "network" },
    suite: { type: "string", default: "international" },
    runs: { type: "string", default: "3" },
    rows: { type: "string", default: "10000,100000" },
    help: { type: "boolean", default: false },
  },
});

const VALIDATORS = 4;
const METERS = 64;
const TX_PER_RUN = 12_000;
const BATCHES_PER_RUN = 4_000;
const READINGS_PER_BATCH = 64;
const LATENCY_SAMPLES = 150;
/** Transactions on the way at once: enough to fill blocks, less than a mempool holds. */
const WINDOW = 6_000;
const WARM_UP = 1_500;
/** A little more than nodes wait between two reports while active. */
const TELEMETRY_MS = 6_000;

function say(text: string): void {
  if (!flags.json) console.error(text);
}

/** Final transactions a second over the runs' median; a run's time is from its first send to its last final. */
async function throughput(load: Load, count: number, readings: number): Promise<number> {
  const rates: number[] = [];
  for (let run = 0; run < Number(flags.runs); run++) {
    const transactions = Array.from({ length: count }, (_, i) => load.sign(i, readings));
    const startMs = performance.now();
    await load.run(transactions, WINDOW);
    const rate = count / ((performance.now() - startMs) / 1_000);
    say(`  ${Math.round(rate)} transactions of ${readings} final a second`);
    rates.push(rate);
  }
  return median(rates);
}

async function latencies(load: Load): Promise<number[]> {
  const samples: number[] = [];
  for (let i = 0; i < LATENCY_SAMPLES; i++) {
    samples.push(await load.latency(load.sign(i, 1)));
    // Uneven pauses, so that samples do not lock to the block interval.
    await new Promise((resolve) => setTimeout(resolve, 80 + ((i * 37) % 240)));
  }
  return samples;
}

/** What a network has carried and stored so far. */
interface Usage {
  /** MQTT bytes in and out of all validators. */
  readonly wireBytes: number;
  readonly height: number;
}

/** Nodes report their traffic every few seconds: waits until all have said what they had by now. */
async function readUsage(network: BenchNetwork): Promise<Usage> {
  await new Promise((resolve) => setTimeout(resolve, TELEMETRY_MS));
  const text = await (await fetch(new URL("/metrics", network.url))).text();
  const sum = (name: string): number =>
    [...text.matchAll(new RegExp(`^${name}(?:\\{[^}]*\\})? (\\S+)$`, "gm"))].reduce(
      (total, match) => total + Number(match[1]),
      0,
    );
  return {
    wireBytes: sum("gridledger_node_bytes_in_total") + sum("gridledger_node_bytes_out_total"),
    height: sum("gridledger_height"),
  };
}

/** Bytes of the encoded blocks above a height. */
async function blockBytes(network: BenchNetwork, above: number): Promise<number> {
  const client = new ApiClient({ baseUrl: network.url.replace(/\/$/, "") });
  let bytes = 0;
  let cursor: string | undefined;
  do {
    const page = await client.call("blocks", { query: { limit: 500, cursor }, params: {} });
    for (const block of page.items) if (block.height > above) bytes += block.bytes;
    cursor = page.next ?? undefined;
    if ((page.items.at(-1)?.height ?? 0) <= above) break;
  } while (cursor !== undefined);
  return bytes;
}

async function measureNetwork(): Promise<Figure[]> {
  say("measuring what this machine verifies a second with four processes …");
  const verifyLimit = await measureVerifyLimit(flags.suite);
  say("starting a network …");
  const network = await startBenchNetwork(flags.suite);
  try {
    const load = new Load(network.chain, network.device, network.mqttUrl, METERS);
    await load.start();
    await load.run(
      Array.from({ length: WARM_UP }, (_, i) => load.sign(i, 1)),
      WINDOW,
    );

    say("latency at low load …");
    const before = await readUsage(network);
    const samples = await latencies(load);
    const after = await readUsage(network);
    const wireBytesPerBlock =
      (after.wireBytes - before.wireBytes) / VALIDATORS / (after.height - before.height);
    say("one reading a transaction …");
    const txRate = await throughput(load, TX_PER_RUN, 1);
    say(`${READINGS_PER_BATCH} readings a transaction …`);
    const heightBefore = load.height;
    const batchRate = await throughput(load, BATCHES_PER_RUN, READINGS_PER_BATCH);
    const readings = BATCHES_PER_RUN * READINGS_PER_BATCH * Number(flags.runs);
    const bytesPerReading = (await blockBytes(network, heightBefore)) / readings;
    const rss = [...network.pids]
      .filter(([name]) => name.startsWith("validator"))
      .map(([, pid]) => residentBytes(pid));
    await load.stop();
    return [
      figure("final_tx_per_s", txRate, "tx/s", verifyLimit / VALIDATORS),
      figure("final_readings_per_s", batchRate * READINGS_PER_BATCH, "readings/s"),
      figure("latency_p50_ms", percentile(samples, 0.5), "ms"),
      figure("latency_p99_ms", percentile(samples, 0.99), "ms"),
      figure("validator_rss_mb", Math.max(...rss) / 1e6, "MB"),
      figure("wire_bytes_per_block", wireBytesPerBlock, "B"),
      figure("chain_bytes_per_reading", bytesPerReading, "B"),
    ];
  } finally {
    await network.stop();
  }
}

const benches: Readonly<Record<string, () => Promise<readonly Figure[]>>> = {
  network: measureNetwork,
  crypto: measureCrypto,
  consensus: measureConsensus,
  ca: measureAuthority,
  contracts: measureContracts,
  market: measureMarket,
  mapping: () => measureMapping(flags.rows.split(",").map(Number)),
  broker: measureBroker,
  "one-off": () => measureOneOff(flags.suite, Number(flags.runs)),
  sync: measureSync,
  objects: () => measureObjects(flags.suite),
};

function print(figures: readonly Figure[]): void {
  for (const { name, value, unit, limit, ratio } of figures) {
    if (flags.json) {
      console.log(JSON.stringify({ name, value, unit, limit, ratio }));
      continue;
    }
    const against =
      limit === undefined ? "" : `   ${(ratio! * 100).toFixed(1)} % of ${limit} ${unit}`;
    console.log(`${name.padEnd(26)}${String(value).padStart(10)} ${unit}${against}`);
  }
}

if (flags.help) {
  console.log(help);
} else {
  say(
    `${cpus().length} × ${cpus()[0]?.model ?? "?"}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}`,
  );
  const only = flags.only.split(",");
  const unknown = only.find((name) => !Object.hasOwn(benches, name));
  if (unknown === undefined) {
    for (const name of only) print(await benches[name]!());
  } else {
    console.error(`there is no bench "${unknown}"; known: ${Object.keys(benches).join(", ")}`);
    process.exitCode = 2;
  }
}
