import type { NodeSummary, Status } from "@gridledger/protocol/api/contract";
import { formatCount } from "../format/number.ts";
import { alarmedValidators, byName, nodes, status } from "../state/chain.ts";
import { words } from "../state/language.ts";
import { NodeState } from "./node-state.tsx";
import { Panel } from "./panel.tsx";

/** Who is there, how many a block needs, and how many more may fail. */
export function Validators() {
  const { overview, nav } = words.value;
  const told = status.value?.validators;
  const voting = told && { ...told, online: told.online - alarmedValidators.value };
  const shown = byName(nodes.value ?? []).filter((node) => node.role === "validator");
  return (
    <Panel title={overview.validators} class="validators" aside={<a href="/nodes">{nav.nodes}</a>}>
      <p class="online">
        {told === undefined
          ? "–"
          : overview.onlineOf(formatCount(told.online), formatCount(told.total))}
      </p>
      {voting && <QuorumBar {...voting} />}
      {voting && (
        <p class={`margin tone-${voting.online > voting.quorum ? "ok" : "warn"}`}>
          <span>{overview.quorum(formatCount(voting.quorum))}</span>
          <strong>{marginWords(voting)}</strong>
        </p>
      )}
      <ul class="node-list">
        {shown.slice(0, 8).map((node) => (
          <ValidatorLine key={node.id} node={node} />
        ))}
      </ul>
    </Panel>
  );
}

function ValidatorLine({ node }: { readonly node: NodeSummary }) {
  return (
    <li>
      <span title={node.id}>{node.name}</span>
      <NodeState node={node} />
    </li>
  );
}

/** One cell a validator, filled when it can vote; the mark stands after the quorum. */
function QuorumBar({ total, online, quorum }: Status["validators"]) {
  return (
    <div class="quorum-bar" aria-hidden="true">
      {Array.from({ length: total }, (_, index) => (
        <span
          key={index}
          class={`${index < online ? "on" : ""} ${index === quorum - 1 ? "quorum" : ""}`}
        />
      ))}
    </div>
  );
}

function marginWords({ online, quorum }: Status["validators"]): string {
  const { overview } = words.value;
  const margin = online - quorum;
  if (margin < 0) return overview.missing(formatCount(-margin));
  return margin === 0 ? overview.canLoseNone : overview.canLose(formatCount(margin));
}
