import type { RouteAnswer } from "@gridledger/protocol/api/contract";
import { formatCount } from "../format/number.ts";
import { useResource, useThrottled } from "../resource.ts";
import { base64urlBytes, saveFile } from "../save-file.ts";
import { headHeight } from "../state/chain.ts";
import { words } from "../state/language.ts";
import { api } from "../state/session.ts";
import { Identity } from "./identity.tsx";
import { Panel } from "./panel.tsx";
import { Table } from "./table.tsx";

export type Offence = RouteAnswer<"evidence">["items"][number];

/** Loaded again while the chain goes on. */
export function useOffences(): readonly Offence[] {
  const head = useThrottled(headHeight.value, 3000);
  const { data } = useResource("evidence", () => api.call("evidence"), head);
  return data?.items ?? [];
}

/** What validators were proven to have done; nothing where there is nothing. */
export function Offences({ items }: { readonly items: readonly Offence[] }) {
  if (items.length === 0) return null;
  const { offences: name } = words.value;
  return (
    <Panel title={name.title} anchor="offences">
      <p>{name.note}</p>
      <Table
        name={name.title}
        columns={[
          { title: name.validator },
          { title: name.what },
          { title: name.height, numeric: true },
          { title: name.recordedAt, numeric: true },
          { title: name.proof },
        ]}
      >
        {items.map((item) => (
          <OffenceRow key={item.transaction} item={item} />
        ))}
      </Table>
    </Panel>
  );
}

function OffenceRow({ item }: { readonly item: Offence }) {
  const { offences: name } = words.value;
  const file = `evidence-${item.transaction.slice(0, 12)}.cbor`;
  const save = () => saveFile(file, base64urlBytes(item.encoded), "application/cbor");
  return (
    <tr>
      <td>
        <Identity id={item.validator.id} name={item.validator.name} />
      </td>
      <td>
        <span class="state tone-fault">
          <span class="dot" aria-hidden="true" />
          <span>{name.kinds[item.offence]}</span>
        </span>
      </td>
      <td class="num">{formatCount(item.height)}</td>
      <td class="num">
        <a href={`/transactions/${item.transaction}`}>{formatCount(item.recordedAt)}</a>
      </td>
      <td>
        <button type="button" onClick={save}>
          {name.download}
        </button>
      </td>
    </tr>
  );
}
