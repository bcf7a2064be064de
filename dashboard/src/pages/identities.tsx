import type { RouteAnswer } from "@gridledger/protocol/api/contract";
import { formatCount } from "../format/number.ts";
import { EnrolForm } from "../parts/enrol-form.tsx";
import { ShortHash } from "../parts/hash.tsx";
import { Identity } from "../parts/identity.tsx";
import { Loaded } from "../parts/loaded.tsx";
import { OverdueKeys } from "../parts/overdue-keys.tsx";
import { Page } from "../parts/page.tsx";
import { Pager, useCursors } from "../parts/pager.tsx";
import { Panel } from "../parts/panel.tsx";
import { Table } from "../parts/table.tsx";
import { useResource, useThrottled } from "../resource.ts";
import { headHeight } from "../state/chain.ts";
import { words } from "../state/language.ts";
import { api, may } from "../state/session.ts";

type IdentityEntry = RouteAnswer<"identities">["items"][number];

export function IdentitiesPage() {
  const { identities: name } = words.value;
  const cursors = useCursors();
  const cursor = cursors.current;
  const head = useThrottled(headHeight.value, 3000);
  const page = useResource(
    `identities ${cursor}`,
    () => api.call("identities", { query: { ...(cursor && { cursor }) } }),
    head,
  );
  return (
    <Page title={name.title}>
      <Loaded resource={page} isEmpty={({ items }) => items.length === 0} empty={name.empty}>
        {({ items, next }) => (
          <>
            <IdentityTable identities={items} />
            <Pager cursors={cursors} next={next} />
          </>
        )}
      </Loaded>
      <OverdueKeys head={head} />
      <Panel title={name.enrol} class="narrow">
        {may("identity.enrol") ? <EnrolForm /> : <p class="muted">{name.operatorOnly}</p>}
      </Panel>
    </Page>
  );
}

function IdentityTable({ identities }: { readonly identities: readonly IdentityEntry[] }) {
  const { identities: name } = words.value;
  return (
    <Table
      name={name.title}
      columns={[
        { title: name.name },
        { title: name.role },
        { title: name.since, numeric: true },
        { title: name.id, wide: true },
        { title: name.publicKey, wide: true },
      ]}
    >
      {identities.map((identity) => (
        <tr key={identity.id}>
          <td>
            <Identity id={identity.id} name={identity.name} />
          </td>
          <td>{name.roles[identity.role]}</td>
          <td class="num">
            {identity.sinceHeight === 0 ? name.genesis : formatCount(identity.sinceHeight)}
          </td>
          <td class="wide">
            <code class="hash">{identity.id}</code>
          </td>
          <td class="wide">
            <ShortHash text={identity.publicKey} />
          </td>
        </tr>
      ))}
    </Table>
  );
}
