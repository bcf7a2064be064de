import type { RouteAnswer } from "@gridledger/protocol/api/contract";
import { useSignal } from "@preact/signals";
import { formatCount } from "../format/number.ts";
import { formatDuration } from "../format/time.ts";
import { Coverage } from "../parts/coverage.tsx";
import { Findings } from "../parts/findings.tsx";
import { Loaded } from "../parts/loaded.tsx";
import { Page } from "../parts/page.tsx";
import { Search } from "../parts/search.tsx";
import { Table } from "../parts/table.tsx";
import { Time } from "../parts/time.tsx";
import { useResource, useThrottled } from "../resource.ts";
import { headHeight } from "../state/chain.ts";
import { words } from "../state/language.ts";
import { alarms } from "../state/live.ts";
import { api, may } from "../state/session.ts";

type Mapping = RouteAnswer<"catalogue">["items"][number];
const DAY_MS = 86_400_000;

/** The catalogue of mapped tables (guide §9.3), and what was found in them (§9.4). */
export function MappingsPage() {
  const { mapping: name } = words.value;
  const search = useSignal("");
  const chosen = useSignal<string | null>(null);
  const head = useThrottled(headHeight.value, 3000);
  const asked = useThrottled(search.value, 300);
  const revision = `${head} ${alarms.value}`;
  const catalogue = useResource(
    `catalogue ${asked}`,
    () => api.call("catalogue", { query: asked === "" ? {} : { search: asked } }),
    revision,
  );
  const empty = asked === "" ? name.empty : name.nothing;
  return (
    <Page title={name.title}>
      <Search name={name.search} text={search} />
      <Loaded resource={catalogue} isEmpty={({ items }) => items.length === 0} empty={empty}>
        {({ items }) => {
          const shown = items.find(({ id }) => id === chosen.value) ?? items.find(isTouched);
          return (
            <>
              <Catalogue items={items} choose={(id) => (chosen.value = id)} />
              {shown && may("rows.read") && <Findings mapping={shown} revision={revision} />}
            </>
          );
        }}
      </Loaded>
    </Page>
  );
}

const isTouched = ({ findings }: Mapping) => findings > 0;

interface CatalogueProps {
  readonly items: readonly Mapping[];
  readonly choose: (id: string) => void;
}

function Catalogue({ items, choose }: CatalogueProps) {
  const { mapping: name } = words.value;
  return (
    <Table
      name={name.title}
      columns={[
        { title: name.name },
        { title: name.owner },
        { title: name.classification },
        { title: name.retention, wide: true },
        { title: name.coverage },
        { title: name.anchored },
        { title: name.swept, wide: true },
        { title: name.within, wide: true },
        { title: name.state },
      ]}
    >
      {items.map((one) => (
        <CatalogueRow key={one.id} mapping={one} choose={choose} />
      ))}
    </Table>
  );
}

interface RowProps {
  readonly mapping: Mapping;
  readonly choose: (id: string) => void;
}

function CatalogueRow({ mapping: one, choose }: RowProps) {
  const { mapping: name } = words.value;
  const { title, owner, classification, retentionDays } = one.catalogue;
  return (
    <tr>
      <td>
        {title}
        <br />
        <small>
          {one.database}: {one.table}
        </small>
      </td>
      <td>{owner || "–"}</td>
      <td>{name.classes[classification]}</td>
      <td class="wide">
        {retentionDays === null ? name.forever : formatDuration(retentionDays * DAY_MS)}
      </td>
      <td>
        <Coverage mapping={one} />
      </td>
      <td>{one.anchoredMs === null ? name.never : <Time ms={one.anchoredMs} as="moment" />}</td>
      <td class="wide">
        {one.lastSweepMs === null ? name.never : <Time ms={one.lastSweepMs} as="moment" />}
      </td>
      <td class="wide">{one.detectWithinMs === null ? "–" : formatDuration(one.detectWithinMs)}</td>
      <td>
        <span title={one.problem?.detail}>{name.states[one.state]}</span>
        {one.problem && <small> {one.problem.code}</small>}
        {one.accountMayWrite && <small title={name.mayWriteWhy}> {name.mayWrite}</small>}
        {one.findings > 0 && " "}
        {one.findings > 0 && (
          <button type="button" title={name.show} onClick={() => choose(one.id)}>
            {name.standing(formatCount(one.findings))}
          </button>
        )}
      </td>
    </tr>
  );
}
