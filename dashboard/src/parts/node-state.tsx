import type { NodeSummary } from "@gridledger/protocol/api/contract";
import { formatCount } from "../format/number.ts";
import { formatDuration } from "../format/time.ts";
import { nowMs } from "../state/clock.ts";
import { language, words } from "../state/language.ts";

export function NodeState({ node }: { readonly node: NodeSummary }) {
  const tone = { "in-sync": "ok", behind: "warn", offline: "fault", "never-seen": "idle" } as const;
  const calm = node.warning && node.online ? "warn" : tone[node.state];
  return (
    <span class={`state tone-${node.alarm ? "fault" : calm}`}>
      <span class="dot" aria-hidden="true" />
      <span>
        {stateWords(node)}
        {node.alarm && ` · ${words.value.nodes.alarm(detailOf(node.alarm))}`}
        {node.warning && ` · ${detailOf(node.warning)}`}
      </span>
    </span>
  );
}

function detailOf({ detail, detailZh }: NonNullable<NodeSummary["alarm"]>): string {
  return language.value === "en" ? detail : detailZh;
}

function stateWords(node: NodeSummary): string {
  const { states } = words.value.nodes;
  switch (node.state) {
    case "in-sync":
    case "never-seen":
      return states[node.state];
    case "behind":
      return node.lagBlocks === null
        ? states.behindUnknown
        : states.behind(formatCount(node.lagBlocks));
    case "offline":
      return node.lastSeenMs === null
        ? states.offlineUnknown
        : states.offline(formatDuration(nowMs.value - node.lastSeenMs));
  }
}
