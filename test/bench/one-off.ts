import { type Figure, figure, median, percentile } from "./figure.ts";
import { Load } from "./load.ts";
import { startBenchNetwork } from "./network.ts";

const METERS = 64;
const WINDOW = 6_000;
const WARM_UP = 1_500;
const TX_PER_RUN = 8_000;
const LATENCY_SAMPLES = 100;
const VICTIM = "validator-3";

interface Measured {
  readonly rate: number;
  readonly latencies: readonly number[];
}

/**
 * Throughput and latency with one of four validators frozen (its connection stays open, as when the
 * power goes) against all four, one after the other in one network. The first figure with it off is
 * taken right away, so the round that finds out is in it.
 */
export async function measureOneOff(suite: string, runs: number): Promise<Figure[]> {
  const network = await startBenchNetwork(suite);
  const pid = network.pids.get(VICTIM)!;
  const load = new Load(network.chain, network.device, network.mqttUrl, METERS);
  try {
    await load.start();
    await load.run(signed(load, WARM_UP), WINDOW);
    const all = await measure(load, runs);
    process.kill(pid, "SIGSTOP");
    const first = await measure(load, 1);
    const off = await measure(load, runs);
    return [
      figure("all_on_tx_per_s", all.rate, "tx/s"),
      figure("one_off_first_tx_per_s", first.rate, "tx/s", all.rate),
      figure("one_off_tx_per_s", off.rate, "tx/s", all.rate),
      figure("all_on_latency_p50_ms", percentile(all.latencies, 0.5), "ms"),
      figure("all_on_latency_p99_ms", percentile(all.latencies, 0.99), "ms"),
      figure("one_off_latency_p50_ms", percentile(off.latencies, 0.5), "ms"),
      figure("one_off_latency_p99_ms", percentile(off.latencies, 0.99), "ms"),
    ];
  } finally {
    process.kill(pid, "SIGCONT");
    await load.stop();
    await network.stop();
  }
}

async function measure(load: Load, runs: number): Promise<Measured> {
  const rates: number[] = [];
  for (let run = 0; run < runs; run++) {
    const transactions = signed(load, TX_PER_RUN);
    const startMs = performance.now();
    await load.run(transactions, WINDOW);
    rates.push(TX_PER_RUN / ((performance.now() - startMs) / 1_000));
  }
  const latencies: number[] = [];
  for (let i = 0; i < LATENCY_SAMPLES; i++) {
    latencies.push(await load.latency(load.sign(i, 1)));
    await new Promise((resolve) => setTimeout(resolve, 80 + ((i * 37) % 240)));
  }
  return { rate: median(rates), latencies };
}

function signed(load: Load, count: number): Uint8Array[] {
  return Array.from({ length: count }, (_, i) => load.sign(i, 1));
}
