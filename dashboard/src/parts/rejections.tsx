import type { NodeSummary } from "@gridledger/protocol/api/contract";
import { formatCount } from "../format/number.ts";
import { byName } from "../state/chain.ts";
import { language, words } from "../state/language.ts";
import { Panel } from "./panel.tsx";
import { Table } from "./table.tsx";

type Rejection = NodeSummary["rejections"][number];

/** What each validator refused since it started, by code; nothing where nobody refused anything. */
export function Rejections({ items }: { readonly items: readonly NodeSummary[] }) {
  const { rejections: name } = words.value;
  const refusing = byName(items).filter(({ rejections }) => rejections.length > 0);
  if (refusing.length === 0) return null;
  return (
    <Panel title={name.title}>
      <p>{name.note}</p>
      <Table
        name={name.title}
        columns={[{ title: name.node }, { title: name.code }, { title: name.count, numeric: true }]}
      >
        {refusing.flatMap((node) =>
          node.rejections.map((rejection) => (
            <RejectionRow key={`${node.id} ${rejection.code}`} node={node} rejection={rejection} />
          )),
        )}
      </Table>
    </Panel>
  );
}

interface RowProps {
  readonly node: NodeSummary;
  readonly rejection: Rejection;
}

function RejectionRow({ node, rejection }: RowProps) {
  const { code, count, detail, detailZh } = rejection;
  return (
    <tr>
      <td>{node.name}</td>
      <td class="wrap">
        <code>{code}</code> {language.value === "en" ? detail : detailZh}
      </td>
      <td class="num">{formatCount(count)}</td>
    </tr>
  );
}
