import type { RouteAnswer } from "@gridledger/protocol/api/contract";
import { useSignal } from "@preact/signals";
import { formatBytes, formatCount } from "../format/number.ts";
import { Copies } from "../parts/copies.tsx";
import { Identity } from "../parts/identity.tsx";
import { Loaded } from "../parts/loaded.tsx";
import { ObjectState } from "../parts/objects/object-state.tsx";
import { Page } from "../parts/page.tsx";
import { Pager, useCursors } from "../parts/pager.tsx";
import { Search } from "../parts/search.tsx";
import { Table } from "../parts/table.tsx";
import { useResource, useThrottled } from "../resource.ts";
import { headHeight } from "../state/chain.ts";
import { api } from "../state/session.ts";
import { objectWords } from "../words/objects.ts";

type DataObject = RouteAnswer<"objects">["items"][number];

/** Data objects on the chain, newest first (guide §4.4.2). */
export function ObjectsPage() {
  const name = objectWords.value;
  const search = useSignal("");
  const asked = useThrottled(search.value.trim(), 300);
  const cursors = useCursors();
  const cursor = cursors.current;
  const head = useThrottled(headHeight.value, 3000);
  const query = { ...(cursor && { cursor }), ...(asked && { name: asked }) };
  const page = useResource(
    `objects ${cursor} ${asked}`,
    () => api.call("objects", { query }),
    head,
  );
  return (
    <Page title={name.title}>
      <Search name={name.search} text={search} onInput={cursors.first} />
      <Loaded
        resource={page}
        isEmpty={({ items }) => items.length === 0}
        empty={asked === "" ? name.empty : name.nothing}
      >
        {({ items, next }) => (
          <>
            <ObjectTable objects={items} />
            <Pager cursors={cursors} next={next} />
          </>
        )}
      </Loaded>
      <Copies />
    </Page>
  );
}

function ObjectTable({ objects }: { readonly objects: readonly DataObject[] }) {
  const name = objectWords.value;
  return (
    <Table
      name={name.title}
      columns={[
        { title: name.name },
        { title: name.size, numeric: true },
        { title: name.classification },
        { title: name.owner, wide: true },
        { title: name.state },
        { title: name.block, numeric: true },
      ]}
    >
      {objects.map((one) => (
        <tr key={one.root}>
          <td>
            <a href={`/objects/${one.root}`}>{one.name || one.root.slice(0, 12)}</a>
            <br />
            <small>{one.mediaType}</small>
          </td>
          <td class="num">{formatBytes(one.sizeBytes)}</td>
          <td>{name.classes[one.classification]}</td>
          <td class="wide">
            <Identity id={one.owner} name={one.ownerName} />
          </td>
          <td>
            <ObjectState state={one.state} />
          </td>
          <td class="num">{one.address === null ? "–" : formatCount(one.address.height)}</td>
        </tr>
      ))}
    </Table>
  );
}
