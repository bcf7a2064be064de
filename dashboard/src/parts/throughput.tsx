import type { BlockSummary } from "@gridledger/protocol/api/contract";
import { formatRate } from "../format/number.ts";
import { recentBlocks } from "../state/chain.ts";
import { nowMs } from "../state/clock.ts";
import { words } from "../state/language.ts";
import { windowMs } from "../state/live.ts";
import { Chart } from "./chart.tsx";
import { Panel } from "./panel.tsx";

const stepMs = 5_000;
/** Every point is the mean of the time before it, so that the newest one is neither late nor half a bucket. */
const meanMs = 20_000;

/** Transactions and readings a second, from the blocks' own times. */
export function Throughput() {
  const { overview } = words.value;
  const nowStep = Math.floor(nowMs.value / stepMs) * stepMs;
  const blocks = recentBlocks.value ?? [];
  const times = timesUntil(nowStep);
  const transactions = meanRates(blocks, times, (block) => block.txCount);
  const readings = meanRates(blocks, times, (block) => block.readings);
  const seconds = times.map((timeMs) => timeMs / 1000);
  const shared = { times: seconds, format: formatRate, height: 158, fromZero: true };
  return (
    <Panel title={overview.throughput} aside={<span class="muted">{overview.averaged}</span>}>
      <Chart
        {...shared}
        title={overview.readingRate}
        label={`${overview.readingRate}: ${formatRate(readings.at(-1) ?? 0)}`}
        values={readings}
      />
      <Chart
        {...shared}
        title={overview.txRate}
        label={`${overview.txRate}: ${formatRate(transactions.at(-1) ?? 0)}`}
        values={transactions}
        color="--second"
      />
    </Panel>
  );
}

function timesUntil(lastMs: number): number[] {
  const count = windowMs / stepMs;
  return Array.from({ length: count + 1 }, (_, index) => lastMs - (count - index) * stepMs);
}

/** One pass: a block counts for the points within `meanMs` after it. */
function meanRates(
  blocks: readonly BlockSummary[],
  times: readonly number[],
  amount: (block: BlockSummary) => number,
): number[] {
  const sums = times.map(() => 0);
  const first = times[0] ?? 0;
  for (const block of blocks) {
    const from = Math.max(0, Math.ceil((block.timeMs - first) / stepMs));
    const until = Math.ceil((block.timeMs + meanMs - first) / stepMs);
    for (let index = from; index < Math.min(until, sums.length); index++) {
      sums[index] = (sums[index] ?? 0) + amount(block);
    }
  }
  return sums.map((sum) => (sum * 1000) / meanMs);
}
