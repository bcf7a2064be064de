import { formatCount } from "../format/number.ts";
import { formatDateTime } from "../format/time.ts";
import { useResource } from "../resource.ts";
import { words } from "../state/language.ts";
import { api } from "../state/session.ts";
import { Identity } from "./identity.tsx";
import { Loaded } from "./loaded.tsx";
import { Panel } from "./panel.tsx";
import { Table } from "./table.tsx";

/** Who has not rotated in time, and since when (guide §4.1.2 b). */
export function OverdueKeys({ head }: { readonly head: number | null }) {
  const { overdueKeys: name, identities } = words.value;
  const answer = useResource("overdue keys", () => api.call("overdueKeys", { query: {} }), head);
  return (
    <Panel title={name.title}>
      <Loaded resource={answer} isEmpty={({ items }) => items.length === 0} empty={name.empty}>
        {({ items, count, periodDays }) => (
          <>
            <p class="muted">{name.note(formatCount(count), formatCount(periodDays))}</p>
            <Table
              name={name.title}
              columns={[
                { title: identities.name },
                { title: identities.role },
                { title: name.epoch, numeric: true },
                { title: name.since },
                { title: name.due },
              ]}
            >
              {items.map(({ id, name: holder, role, epoch, sinceMs, dueMs }) => (
                <tr key={id}>
                  <td>
                    <Identity id={id} name={holder} />
                  </td>
                  <td>{identities.roles[role]}</td>
                  <td class="num">{formatCount(epoch)}</td>
                  <td>{formatDateTime(sinceMs)}</td>
                  <td>{formatDateTime(dueMs)}</td>
                </tr>
              ))}
            </Table>
          </>
        )}
      </Loaded>
    </Panel>
  );
}
