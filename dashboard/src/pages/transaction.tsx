import type { RouteAnswer } from "@gridledger/protocol/api/contract";
import { formatBytes, formatCount } from "../format/number.ts";
import { BatchTable } from "../parts/batch-table.tsx";
import { type Fact, Facts } from "../parts/facts.tsx";
import { CopyHash } from "../parts/hash.tsx";
import { Identity } from "../parts/identity.tsx";
import { Loaded } from "../parts/loaded.tsx";
import { MeterLink } from "../parts/meter-link.tsx";
import { Page } from "../parts/page.tsx";
import { Panel } from "../parts/panel.tsx";
import { ProofDownload } from "../parts/proof-download.tsx";
import { Time } from "../parts/time.tsx";
import { useResource, useThrottled } from "../resource.ts";
import { headHeight } from "../state/chain.ts";
import { words } from "../state/language.ts";
import { api } from "../state/session.ts";

type TransactionDetail = RouteAnswer<"transaction">;

export function TransactionPage({ hash }: { readonly hash: string }) {
  const { transaction: name } = words.value;
  const head = useThrottled(headHeight.value, 2000);
  const transaction = useResource(
    `transaction ${hash}`,
    () => api.call("transaction", { params: { hash } }),
    head,
  );
  return (
    <Page title={name.title}>
      <Loaded resource={transaction}>
        {(detail) => (
          <>
            <Panel title={name.kinds[detail.kind] ?? detail.kind}>
              <Facts facts={factsOf(detail)} />
            </Panel>
            {detail.batch && <BatchTable batch={detail.batch} />}
            <Panel title={name.proof}>
              {detail.state === "final" ? (
                <ProofDownload hash={detail.hash} />
              ) : (
                <p>{name.proofLater}</p>
              )}
              <details>
                <summary>{name.encoded}</summary>
                <code class="encoded">{detail.encoded}</code>
              </details>
            </Panel>
          </>
        )}
      </Loaded>
    </Page>
  );
}

function factsOf(detail: TransactionDetail): Fact[] {
  const { transaction: name } = words.value;
  return [
    [name.hash, <CopyHash key="hash" text={detail.hash} name={name.hash} />],
    [name.state, <State key="state" detail={detail} />],
    ...blockFacts(detail),
    [name.sender, <Identity key="sender" id={detail.sender} name={detail.senderName} />],
    ...batchFacts(detail.batch),
    [name.validUntil, formatCount(detail.validUntilHeight)],
    [name.bytes, formatBytes(detail.bytes)],
  ];
}

function blockFacts({ height, index, blockTimeMs }: TransactionDetail): Fact[] {
  const { transaction: name } = words.value;
  if (height === null) return [];
  return [
    [
      name.block,
      <span key="block">
        <a href={`/blocks/${height}`}>{formatCount(height)}</a>
        {blockTimeMs !== null && (
          <>
            {" · "}
            <Time ms={blockTimeMs} as="full" />
          </>
        )}
      </span>,
    ],
    ...(index === null ? [] : [[name.index, formatCount(index)] as const]),
  ];
}

function batchFacts(batch: TransactionDetail["batch"]): Fact[] {
  const { transaction: name } = words.value;
  if (batch === null) return [];
  const isFirst = /^0+$/.test(batch.previousHash);
  return [
    [name.meter, <MeterLink key="meter" meter={batch.meter} />],
    [name.sequence, formatCount(batch.sequence)],
    [
      name.previousHash,
      isFirst ? (
        name.noPrevious
      ) : (
        <CopyHash key="previous" text={batch.previousHash} name={name.previousHash} />
      ),
    ],
  ];
}

function State({ detail }: { readonly detail: TransactionDetail }) {
  const { transaction: name } = words.value;
  const tone = { final: "ok", spooled: "idle", refused: "fault" } as const;
  return (
    <span class={`state tone-${tone[detail.state]}`}>
      <span class="dot" aria-hidden="true" />
      <span>
        {name.states[detail.state]}
        {detail.refusal && `: ${detail.refusal.code} · ${detail.refusal.detail}`}
      </span>
    </span>
  );
}
