import type { NodeSummary } from "@gridledger/protocol/api/contract";
import { formatBytes, formatCount } from "../format/number.ts";
import { Committee } from "../parts/committee.tsx";
import { Identity } from "../parts/identity.tsx";
import { Loaded } from "../parts/loaded.tsx";
import { NodeState } from "../parts/node-state.tsx";
import { type Offence, Offences, useOffences } from "../parts/offences.tsx";
import { OpenProposals } from "../parts/open-proposals.tsx";
import { Page } from "../parts/page.tsx";
import { Rejections } from "../parts/rejections.tsx";
import { Table } from "../parts/table.tsx";
import { Time } from "../parts/time.tsx";
import { useResource } from "../resource.ts";
import { byName, nodes } from "../state/chain.ts";
import { words } from "../state/language.ts";
import { api } from "../state/session.ts";

/** Loaded once, then kept fresh by the stream. */
export function NodesPage() {
  const { nodes: name } = words.value;
  const loaded = useResource("nodes", () => api.call("nodes"));
  const offences = useOffences();
  return (
    <Page title={name.title}>
      <Loaded resource={loaded} isEmpty={({ items }) => items.length === 0} empty={name.empty}>
        {({ items }) => <NodeTable items={nodes.value ?? items} offences={offences} />}
      </Loaded>
      <Committee />
      <Offences items={offences} />
      <Rejections items={nodes.value ?? loaded.data?.items ?? []} />
      <OpenProposals />
    </Page>
  );
}

interface TableProps {
  readonly items: readonly NodeSummary[];
  readonly offences: readonly Offence[];
}

function NodeTable({ items, offences }: TableProps) {
  const { nodes: name } = words.value;
  const numeric = [name.height, name.lag, name.round, name.pool, name.memory, name.disk];
  return (
    <Table
      name={name.title}
      columns={[
        { title: name.node },
        { title: name.state },
        { title: name.lastSeen },
        ...numeric.map((title) => ({ title, numeric: true })),
      ]}
    >
      {byName(items).map((node) => (
        <NodeRow
          key={node.id}
          node={node}
          offences={offences.filter(({ validator }) => validator.id === node.id).length}
        />
      ))}
    </Table>
  );
}

interface RowProps {
  readonly node: NodeSummary;
  /** Recorded on the chain. */
  readonly offences: number;
}

function NodeRow({ node, offences }: RowProps) {
  const { nodes: name } = words.value;
  return (
    <tr>
      <td>
        <Identity id={node.id} name={node.name} />
      </td>
      <td class={node.alarm || node.warning ? "wrap" : ""}>
        <NodeState node={node} />
        {offences > 0 && (
          <a class="badge tone-fault" href="#offences">
            {name.offences(formatCount(offences))}
          </a>
        )}
      </td>
      <td>{node.lastSeenMs === null ? name.never : <Time ms={node.lastSeenMs} as="ago" />}</td>
      <td class="num">{orNone(node.height, formatCount)}</td>
      <td class="num">{orNone(node.lagBlocks, formatCount)}</td>
      <td class="num">{orNone(node.round, formatCount)}</td>
      <td class="num">{orNone(node.poolSize, formatCount)}</td>
      <td class="num">{orNone(node.rssBytes, formatBytes)}</td>
      <td class="num">
        <DiskUse node={node} />
      </td>
    </tr>
  );
}

/** What its files take, of how much, and for how long that is enough. */
function DiskUse({ node }: { readonly node: NodeSummary }) {
  const { nodes: name } = words.value;
  const { diskBytes, maxDiskBytes, diskDaysLeft } = node;
  if (diskBytes === null) return <>{words.value.common.none}</>;
  const used = formatBytes(diskBytes);
  const of = maxDiskBytes === null ? used : name.diskOf(used, formatBytes(maxDiskBytes));
  return <>{diskDaysLeft === null ? of : `${of} · ${name.diskDays(diskDaysLeft)}`}</>;
}

function orNone(value: number | null, format: (value: number) => string): string {
  return value === null ? words.value.common.none : format(value);
}
