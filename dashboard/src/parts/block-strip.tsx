import type { BlockSummary } from "@gridledger/protocol/api/contract";
import { formatCount } from "../format/number.ts";
import { recentBlocks } from "../state/chain.ts";
import { words } from "../state/language.ts";

const barCount = 72;
const barPitch = 10;
const barWidth = 6;
const stripHeight = 56;

/** The chain's pulse: one bar a block, as tall as the time since the block before; late ones stand out. */
export function BlockStrip() {
  const { overview } = words.value;
  const blocks = (recentBlocks.value ?? []).slice(0, barCount + 1);
  const bars = intervalsOf(blocks);
  const tallest = Math.max(2000, percentile90(bars.map((bar) => bar.intervalMs)) * 1.4);
  return (
    <figure class="pulse">
      <svg
        viewBox={`0 0 ${barCount * barPitch} ${stripHeight}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={overview.strip(formatCount(bars.length))}
      >
        {bars.map(({ block, intervalMs }, index) => {
          const height = Math.max(3, Math.min(1, intervalMs / tallest) * stripHeight);
          return (
            <rect
              key={block.height}
              class={block.round > 0 ? "late" : ""}
              x={(barCount - 1 - index) * barPitch + (barPitch - barWidth) / 2}
              y={stripHeight - height}
              width={barWidth}
              height={height}
            />
          );
        })}
      </svg>
      <figcaption>
        <span>
          {bars.length === 0 ? overview.stripEmpty : overview.strip(formatCount(bars.length))}
        </span>
        <span class="late-key">{overview.stripLegend}</span>
      </figcaption>
    </figure>
  );
}

function intervalsOf(newestFirst: readonly BlockSummary[]) {
  return newestFirst.slice(0, -1).map((block, index) => ({
    block,
    intervalMs: block.timeMs - (newestFirst[index + 1]?.timeMs ?? block.timeMs),
  }));
}

function percentile90(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length * 0.9)] ?? 0;
}
