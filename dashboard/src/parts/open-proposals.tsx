import type { RouteAnswer } from "@gridledger/protocol/api/contract";
import { formatCount } from "../format/number.ts";
import { useResource, useThrottled } from "../resource.ts";
import { headHeight } from "../state/chain.ts";
import { words } from "../state/language.ts";
import { api } from "../state/session.ts";
import { ShortHash } from "./hash.tsx";
import { Panel } from "./panel.tsx";
import { Table } from "./table.tsx";

type Proposal = RouteAnswer<"proposals">["items"][number];

/** Changes of the validators that wait for approvals; nothing where there are none. */
export function OpenProposals() {
  const { proposals: name } = words.value;
  const head = useThrottled(headHeight.value, 3000);
  const { data } = useResource("proposals", () => api.call("proposals"), head);
  if (data === null || data.items.length === 0) return null;
  return (
    <Panel title={name.title}>
      <Table
        name={name.title}
        columns={[
          { title: name.change },
          { title: name.approvals },
          { title: name.until, numeric: true },
          { title: name.effect },
          { title: name.id, wide: true },
        ]}
      >
        {data.items.map((item) => (
          <ProposalRow key={item.id} item={item} />
        ))}
      </Table>
    </Panel>
  );
}

function ProposalRow({ item }: { readonly item: Proposal }) {
  const { proposals: name } = words.value;
  const { operation, subject, approvals, given, needed, expiresAtHeight, forecast } = item;
  return (
    <tr>
      <td>{`${name.operations[operation]} ${subject}`}</td>
      <td title={approvals.join(", ")}>{`${given} / ${needed}`}</td>
      <td class="num">{formatCount(expiresAtHeight)}</td>
      <td title={forecast.reason}>{name.verdicts[forecast.verdict]}</td>
      <td class="wide">
        <ShortHash text={item.id} />
      </td>
    </tr>
  );
}
