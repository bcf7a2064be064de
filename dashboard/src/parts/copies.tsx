import type { CopiesView } from "@gridledger/protocol/api/copies-contract";
import { formatBytes, formatCount } from "../format/number.ts";
import { useResource, useThrottled } from "../resource.ts";
import { headHeight } from "../state/chain.ts";
import { words } from "../state/language.ts";
import { alarms } from "../state/live.ts";
import { api } from "../state/session.ts";
import { Identity } from "./identity.tsx";
import { Panel } from "./panel.tsx";
import { Table } from "./table.tsx";

/** How objects are kept, and who keeps them (guide §10.5); nothing where nobody does. */
export function Copies() {
  const { copies: name } = words.value;
  const head = useThrottled(headHeight.value, 5000);
  const { data } = useResource("copies", () => api.call("copies"), `${head} ${alarms.value}`);
  if (data === null || data.holders.length === 0) return null;
  const { objects, underReplicated, holders } = data;
  const few = name.few(formatCount(underReplicated), formatCount(objects));
  const isFine = underReplicated === 0;
  return (
    <Panel title={name.title} anchor="copies">
      <p class={isFine ? undefined : "state tone-fault"}>
        {isFine ? name.all(formatCount(objects)) : few}
        {troubles(data).map((text) => ` · ${text}`)}
      </p>
      <Table
        name={name.title}
        columns={[
          { title: name.holder },
          { title: name.capacity, numeric: true },
          { title: name.state },
        ]}
      >
        {holders.map((one) => (
          <tr key={`${one.holder} ${one.store}`}>
            <td>
              <Identity id={one.holder} name={one.name} />
              {one.store !== null && ` / ${one.store}`}
            </td>
            <td class="num">{formatBytes(one.capacityBytes)}</td>
            <td>{one.lost ? name.lost : name.there}</td>
          </tr>
        ))}
      </Table>
    </Panel>
  );
}

function troubles({ copies }: CopiesView): string[] {
  const { states } = words.value.copies;
  const bad = ["lying", "stale", "silent", "missing", "erasing"] as const;
  return bad.flatMap((state) => {
    const count = copies[state] ?? 0;
    return count === 0 ? [] : [states[state](formatCount(count))];
  });
}
