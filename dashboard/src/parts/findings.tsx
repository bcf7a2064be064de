import type { RouteAnswer } from "@gridledger/protocol/api/contract";
import { useResource } from "../resource.ts";
import { words } from "../state/language.ts";
import { api } from "../state/session.ts";
import { Loaded } from "./loaded.tsx";
import { Pager, useCursors } from "./pager.tsx";
import { Panel } from "./panel.tsx";
import { Table } from "./table.tsx";
import { Time } from "./time.tsx";

type Finding = RouteAnswer<"findings">["items"][number];

interface FindingsProps {
  readonly mapping: { readonly id: string; readonly catalogue: { readonly title: string } };
  readonly revision: string;
}

/** What was done to one table behind our back: row, columns, and between which times (guide §9.4). */
export function Findings({ mapping, revision }: FindingsProps) {
  const { mapping: name } = words.value;
  const { id } = mapping;
  const cursors = useCursors();
  const cursor = cursors.current;
  const page = useResource(
    `findings ${id} ${cursor}`,
    () => {
      const query = { limit: 50, ...(cursor && { cursor }) };
      return api.call("findings", { params: { id }, query });
    },
    revision,
  );
  const isEmpty = ({ items }: RouteAnswer<"findings">) => items.length === 0;
  return (
    <Panel title={name.findings(mapping.catalogue.title)}>
      <Loaded resource={page} isEmpty={isEmpty} empty={name.noFindings}>
        {({ items, next }) => (
          <>
            <Table
              name={name.findings(mapping.catalogue.title)}
              columns={[
                ...[{ title: name.row }, { title: name.kind }, { title: name.columns }],
                ...[{ title: name.since }, { title: name.found }, { title: name.settled }],
              ]}
            >
              {items.map((one) => (
                <FindingRow key={one.id} finding={one} />
              ))}
            </Table>
            <Pager cursors={cursors} next={next} />
          </>
        )}
      </Loaded>
    </Panel>
  );
}

function FindingRow({ finding: one }: { readonly finding: Finding }) {
  const { mapping: name } = words.value;
  return (
    <tr>
      <td>{one.key}</td>
      <td>{name.kinds[one.kind]}</td>
      <td>{one.columns.join(", ") || "–"}</td>
      <td>{one.sinceMs === 0 ? "–" : <Time ms={one.sinceMs} as="moment" />}</td>
      <td>
        <Time ms={one.foundMs} as="moment" />
      </td>
      <td>{one.settledHow === null ? name.open : name.settledHow[one.settledHow]}</td>
    </tr>
  );
}
