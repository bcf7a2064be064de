import type { RouteAnswer } from "@gridledger/protocol/api/contract";
import { formatBytes, formatCount } from "../format/number.ts";
import { type Fact, Facts } from "../parts/facts.tsx";
import { CopyHash, ShortHash } from "../parts/hash.tsx";
import { Identity } from "../parts/identity.tsx";
import { Late } from "../parts/late.tsx";
import { Loaded } from "../parts/loaded.tsx";
import { MeterLink } from "../parts/meter-link.tsx";
import { Page } from "../parts/page.tsx";
import { Pager, useCursors } from "../parts/pager.tsx";
import { Panel } from "../parts/panel.tsx";
import { Table } from "../parts/table.tsx";
import { Time } from "../parts/time.tsx";
import { useResource } from "../resource.ts";
import { headHeight } from "../state/chain.ts";
import { words } from "../state/language.ts";
import { api } from "../state/session.ts";

type BlockDetail = RouteAnswer<"block">;
type TransactionSummary = RouteAnswer<"blockTransactions">["items"][number];

export function BlockPage({ height }: { readonly height: string }) {
  const { block: name } = words.value;
  const params = { height: Number(height) };
  const block = useResource(`block ${height}`, () => api.call("block", { params }));
  return (
    <Page
      title={name.title(formatCount(params.height))}
      aside={<Neighbours height={params.height} />}
    >
      <Loaded resource={block}>
        {(detail) => (
          <>
            <Header block={detail} />
            <Transactions height={detail.height} />
            <Seal block={detail} />
          </>
        )}
      </Loaded>
    </Page>
  );
}

function Neighbours({ height }: { readonly height: number }) {
  const { block } = words.value;
  const head = headHeight.value;
  const isBeyond = head !== null && height > head;
  return (
    <nav class="neighbours" aria-label={block.title(formatCount(height))}>
      {height > 0 && !isBeyond && <a href={`/blocks/${height - 1}`}>← {block.previous}</a>}
      {head !== null && height < head && <a href={`/blocks/${height + 1}`}>{block.next} →</a>}
    </nav>
  );
}

function Header({ block }: { readonly block: BlockDetail }) {
  const { block: name, blocks: columns } = words.value;
  const hash = (title: string, text: string): Fact => [
    title,
    <CopyHash key={title} text={text} name={title} />,
  ];
  return (
    <Panel title={name.header}>
      <Facts
        facts={[
          [columns.time, <Time key="time" ms={block.timeMs} as="full" />],
          [
            columns.proposer,
            <span key="proposer">
              {block.proposer.name} <Late round={block.round} />
            </span>,
          ],
          [columns.readings, formatCount(block.readings)],
          [columns.bytes, formatBytes(block.bytes)],
          ...workFacts(block),
          hash(name.hash, block.hash),
          hash(name.parentHash, block.parentHash),
          hash(name.txRoot, block.txRoot),
          hash(name.stateRoot, block.stateRoot),
          hash(name.validatorsHash, block.validatorsHash),
          hash(name.nextValidatorsHash, block.nextValidatorsHash),
        ]}
      />
    </Panel>
  );
}

/** What a block of a channel with proof of work took. */
function workFacts({ work }: BlockDetail): Fact[] {
  const { block: name } = words.value;
  if (work === null) return [];
  return [
    [name.difficulty, formatCount(work.difficulty)],
    [name.hashesTried, formatCount(work.hashesTried)],
    [name.target, <CopyHash key="target" text={work.target} name={name.target} />],
  ];
}

function Seal({ block }: { readonly block: BlockDetail }) {
  const { block: name } = words.value;
  const { round, signatures, confirmations } = block.seal;
  const note =
    confirmations.length > 0
      ? name.confirmedNote(formatCount(confirmations.length))
      : name.sealNote(formatCount(signatures.length), formatCount(round));
  return (
    <Panel title={name.seal} aside={<span class="muted">{note}</span>}>
      <Table name={name.seal} columns={[{ title: name.signer }, { title: name.signature }]}>
        {signatures.map((seal) => (
          <tr key={seal.signer}>
            <td>{seal.name}</td>
            <td>
              <ShortHash text={seal.signature} />
            </td>
          </tr>
        ))}
      </Table>
    </Panel>
  );
}

function Transactions({ height }: { readonly height: number }) {
  const { block: name } = words.value;
  const cursors = useCursors();
  const cursor = cursors.current;
  const page = useResource(`transactions ${height} ${cursor}`, () =>
    api.call("blockTransactions", { params: { height }, query: { ...(cursor && { cursor }) } }),
  );
  return (
    <Panel title={name.transactions}>
      <Loaded resource={page} isEmpty={({ items }) => items.length === 0} empty={name.empty}>
        {({ items, next }) => (
          <>
            <TransactionTable transactions={items} />
            <Pager cursors={cursors} next={next} />
          </>
        )}
      </Loaded>
    </Panel>
  );
}

function TransactionTable({
  transactions,
}: {
  readonly transactions: readonly TransactionSummary[];
}) {
  const { transaction: name, block, blocks } = words.value;
  return (
    <Table
      name={block.transactions}
      columns={[
        { title: name.hash },
        { title: name.kind },
        { title: name.sender },
        { title: name.meter },
        { title: blocks.readings, numeric: true },
        { title: name.bytes, numeric: true, wide: true },
      ]}
    >
      {transactions.map((transaction) => (
        <tr key={transaction.hash}>
          <td>
            <a href={`/transactions/${transaction.hash}`}>
              <ShortHash text={transaction.hash} />
            </a>
          </td>
          <td>{name.kinds[transaction.kind] ?? transaction.kind}</td>
          <td>
            <Identity id={transaction.sender} name={transaction.senderName} />
          </td>
          <td>{transaction.meter && <MeterLink meter={transaction.meter} />}</td>
          <td class="num">
            {transaction.readings === null ? "" : formatCount(transaction.readings)}
          </td>
          <td class="num wide">{formatBytes(transaction.bytes)}</td>
        </tr>
      ))}
    </Table>
  );
}
