import type { RouteAnswer } from "@gridledger/protocol/api/contract";
import { formatCount } from "../format/number.ts";
import { useResource, useThrottled } from "../resource.ts";
import { headHeight } from "../state/chain.ts";
import { words } from "../state/language.ts";
import { api } from "../state/session.ts";
import { ShortHash } from "./hash.tsx";
import { Panel } from "./panel.tsx";
import { Table } from "./table.tsx";

type Council = RouteAnswer<"proposals">;
type Proposal = Council["items"][number];
type Scheduled = Council["scheduled"][number];

/** What waits for approvals and what is approved for a later height; nothing where there is neither. */
export function OpenProposals() {
  const head = useThrottled(headHeight.value, 3000);
  const { data } = useResource("proposals", () => api.call("proposals"), head);
  if (data === null) return null;
  return (
    <>
      {data.items.length > 0 && <OpenTable items={data.items} />}
      {data.scheduled.length > 0 && <ScheduledTable items={data.scheduled} />}
    </>
  );
}

function OpenTable({ items }: { readonly items: readonly Proposal[] }) {
  const { proposals: name } = words.value;
  return (
    <Panel title={name.title}>
      <Table
        name={name.title}
        columns={[
          { title: name.change },
          { title: name.approvals },
          { title: name.from, numeric: true },
          { title: name.until, numeric: true },
          { title: name.effect },
          { title: name.reason },
          { title: name.id, wide: true },
        ]}
      >
        {items.map((item) => (
          <ProposalRow key={item.id} item={item} />
        ))}
      </Table>
    </Panel>
  );
}

function ProposalRow({ item }: { readonly item: Proposal }) {
  const { proposals: name } = words.value;
  const { approvals, given, needed, effectiveAtHeight, expiresAtHeight, forecast } = item;
  return (
    <tr>
      <td>{changeWords(item)}</td>
      <td title={approvals.join(", ")}>{`${given} / ${needed}`}</td>
      <td class="num">{effectiveAtHeight === 0 ? name.next : formatCount(effectiveAtHeight)}</td>
      <td class="num">{formatCount(expiresAtHeight)}</td>
      <td title={forecast.reason}>{name.verdicts[forecast.verdict]}</td>
      <td class="wrap">{item.reason}</td>
      <td class="wide">
        <ShortHash text={item.id} />
      </td>
    </tr>
  );
}

function ScheduledTable({ items }: { readonly items: readonly Scheduled[] }) {
  const { proposals: name } = words.value;
  return (
    <Panel title={name.scheduled}>
      <Table
        name={name.scheduled}
        columns={[
          { title: name.change },
          { title: name.from, numeric: true },
          { title: name.reason },
          { title: name.id, wide: true },
        ]}
      >
        {items.map((item) => (
          <tr key={item.id}>
            <td>{changeWords(item)}</td>
            <td class="num">{formatCount(item.fromHeight)}</td>
            <td class="wrap">{item.reason}</td>
            <td class="wide">
              <ShortHash text={item.id} />
            </td>
          </tr>
        ))}
      </Table>
    </Panel>
  );
}

/** An action that this console has no word for is called by its own name. */
function changeWords({ action, subject }: Pick<Proposal, "action" | "subject">): string {
  const known: Readonly<Record<string, string>> = words.value.proposals.actions;
  return `${known[action] ?? action} ${subject}`;
}
