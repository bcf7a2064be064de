import type { RouteAnswer } from "@gridledger/protocol/api/contract";
import { formatBytes, formatCount } from "../format/number.ts";
import { type Fact, Facts } from "../parts/facts.tsx";
import { CopyHash } from "../parts/hash.tsx";
import { Identity } from "../parts/identity.tsx";
import { Loaded } from "../parts/loaded.tsx";
import { ChunkBar } from "../parts/objects/chunk-bar.tsx";
import { ObjectDownload } from "../parts/objects/object-download.tsx";
import { ObjectState } from "../parts/objects/object-state.tsx";
import { Page } from "../parts/page.tsx";
import { Panel } from "../parts/panel.tsx";
import { useResource, useThrottled } from "../resource.ts";
import { headHeight } from "../state/chain.ts";
import { api } from "../state/session.ts";
import { objectWords } from "../words/objects.ts";

type DataObject = RouteAnswer<"object">;

export function ObjectPage({ object: root }: { readonly object: string }) {
  const name = objectWords.value;
  const head = useThrottled(headHeight.value, 3000);
  const object = useResource(
    `object ${root}`,
    () => api.call("object", { params: { object: root } }),
    head,
  );
  return (
    <Page title={object.data?.name || name.title}>
      <Loaded resource={object}>
        {(one) => (
          <>
            <Changes object={one} />
            <Panel title={name.facts}>
              <Facts facts={factsOf(one)} />
            </Panel>
            {one.state === "final" && one.erased === null && (
              <Panel title={name.get}>
                <ObjectDownload object={one} />
              </Panel>
            )}
          </>
        )}
      </Loaded>
    </Page>
  );
}

function factsOf(one: DataObject): Fact[] {
  const name = objectWords.value;
  const { address, retentionDays, refusal } = one;
  return [
    [name.state, <ObjectState key="state" state={one.state} />],
    ...(refusal ? [["", `${refusal.code}: ${refusal.detail}`] as const] : []),
    ...(address ? [[name.block, <Block key="block" height={address.height} />] as const] : []),
    [name.size, formatBytes(one.sizeBytes)],
    [name.chunks, <ChunkBar key="chunks" object={one} />],
    [name.type, one.mediaType],
    [name.owner, <Identity key="owner" id={one.owner} name={one.ownerName} />],
    [name.classification, name.classes[one.classification]],
    [name.retention, retentionDays === 0 ? name.forever : name.days(formatCount(retentionDays))],
    [name.conversion, name.conversions[one.conversion]],
    [name.salts, name.saltPolicies[one.saltPolicy]],
    [name.root, <CopyHash key="root" text={one.root} name={name.root} />],
    [
      name.transaction,
      <a key="transaction" href={`/transactions/${one.transaction}`}>
        <code class="hash whole">{one.transaction}</code>
      </a>,
    ],
  ];
}

function Block({ height }: { readonly height: number }) {
  return <a href={`/blocks/${height}`}>{formatCount(height)}</a>;
}

/** What was decided about it since it was put (guide §9.1). */
function Changes({
  object: { erased, successors, predecessors },
}: {
  readonly object: DataObject;
}) {
  const name = objectWords.value;
  if (erased === null && successors.length === 0 && predecessors.length === 0) return null;
  return (
    <ul class="notes">
      {erased && (
        <li class="wrong">{name.erased(formatCount(erased.height), erased.legalBasis)}</li>
      )}
      {successors.map(({ root, height, legalBasis }) => (
        <li key={root}>
          <a href={`/objects/${root}`}>{name.amended(formatCount(height), legalBasis)}</a>
        </li>
      ))}
      {predecessors.map(({ root, height, legalBasis }) => (
        <li key={root}>
          <a href={`/objects/${root}`}>{name.amends(formatCount(height), legalBasis)}</a>
        </li>
      ))}
    </ul>
  );
}
