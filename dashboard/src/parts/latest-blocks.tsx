import type { BlockSummary } from "@gridledger/protocol/api/contract";
import { formatCount } from "../format/number.ts";
import { recentBlocks } from "../state/chain.ts";
import { words } from "../state/language.ts";
import { Late } from "./late.tsx";
import { Waiting } from "./loaded.tsx";
import { Panel } from "./panel.tsx";
import { Time } from "./time.tsx";

const shownBlocks = 7;

/** The newest blocks as they come, with who proposed them. */
export function LatestBlocks() {
  const { overview, blocks: blockWords } = words.value;
  const blocks = recentBlocks.value;
  return (
    <Panel
      title={overview.latest}
      class="latest"
      aside={<a href="/blocks">{overview.allBlocks}</a>}
    >
      {blocks === null && <Waiting />}
      {blocks?.length === 0 && <p class="notice">{blockWords.empty}</p>}
      <ol class="block-list">
        {blocks?.slice(0, shownBlocks).map((block) => (
          <BlockLine key={block.height} block={block} />
        ))}
      </ol>
    </Panel>
  );
}

function BlockLine({ block }: { readonly block: BlockSummary }) {
  const { meter } = words.value;
  return (
    <li>
      <a class="num" href={`/blocks/${block.height}`}>
        {formatCount(block.height)}
      </a>
      <span class="muted num">
        <Time ms={block.timeMs} as="ago" />
      </span>
      <span class="proposer">
        {block.proposer.name} <Late round={block.round} />
      </span>
      <span class="muted num">{meter.readingsCount(formatCount(block.readings))}</span>
    </li>
  );
}
