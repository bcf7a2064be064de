import type { BlockSummary } from "@gridledger/protocol/api/contract";
import { useSignal } from "@preact/signals";
import { formatBytes, formatCount } from "../format/number.ts";
import { Late } from "../parts/late.tsx";
import { Loaded } from "../parts/loaded.tsx";
import { Page } from "../parts/page.tsx";
import { Pager, useCursors } from "../parts/pager.tsx";
import { Table } from "../parts/table.tsx";
import { Time } from "../parts/time.tsx";
import { useResource, useThrottled } from "../resource.ts";
import { navigate } from "../router.ts";
import { headHeight } from "../state/chain.ts";
import { words } from "../state/language.ts";
import { api } from "../state/session.ts";

const pageSize = 25;

export function BlocksPage() {
  const { blocks } = words.value;
  const cursors = useCursors();
  const cursor = cursors.current;
  const head = useThrottled(headHeight.value, 1000);
  const page = useResource(
    `blocks ${cursor}`,
    () => api.call("blocks", { query: { limit: pageSize, ...(cursor && { cursor }) } }),
    cursor === undefined ? head : 0,
  );
  return (
    <Page title={blocks.title} aside={<Finder />}>
      <Loaded resource={page} isEmpty={({ items }) => items.length === 0} empty={blocks.empty}>
        {({ items, next }) => (
          <>
            <BlockTable blocks={items} />
            <Pager cursors={cursors} next={next} />
          </>
        )}
      </Loaded>
    </Page>
  );
}

function BlockTable({ blocks }: { readonly blocks: readonly BlockSummary[] }) {
  const { blocks: name } = words.value;
  return (
    <Table
      name={name.title}
      columns={[
        { title: name.height, numeric: true },
        { title: name.time },
        { title: name.proposer },
        { title: name.transactions, numeric: true },
        { title: name.readings, numeric: true },
        { title: name.bytes, numeric: true, wide: true },
      ]}
    >
      {blocks.map((block) => (
        <tr key={block.height}>
          <td class="num">
            <a href={`/blocks/${block.height}`}>{formatCount(block.height)}</a>
          </td>
          <td>
            <Time ms={block.timeMs} as="moment" />
          </td>
          <td>
            {block.proposer.name} <Late round={block.round} />
          </td>
          <td class="num">{formatCount(block.txCount)}</td>
          <td class="num">{formatCount(block.readings)}</td>
          <td class="num wide">{formatBytes(block.bytes)}</td>
        </tr>
      ))}
    </Table>
  );
}

/** Goes to a block by height or to a transaction by hash. */
function Finder() {
  const { blocks } = words.value;
  const text = useSignal("");
  const wrong = useSignal(false);
  const find = (event: Event) => {
    event.preventDefault();
    const wanted = text.value.trim().toLowerCase().replaceAll(/[,\s]/g, "");
    wrong.value = false;
    if (/^\d{1,15}$/.test(wanted)) navigate(`/blocks/${wanted}`);
    else if (/^[0-9a-f]{64}$/.test(wanted)) navigate(`/transactions/${wanted}`);
    else wrong.value = true;
  };
  return (
    <search>
      <form class="finder" onSubmit={find}>
        <input
          aria-label={blocks.find}
          placeholder={blocks.find}
          value={text.value}
          aria-invalid={wrong.value}
          onInput={(event) => {
            text.value = event.currentTarget.value;
          }}
        />
        <button type="submit">{blocks.go}</button>
        {wrong.value && (
          <p class="field-error" role="alert">
            {blocks.findWrong}
          </p>
        )}
      </form>
    </search>
  );
}
