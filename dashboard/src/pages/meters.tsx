import type { RouteAnswer } from "@gridledger/protocol/api/contract";
import { formatCount } from "../format/number.ts";
import { byInterest, registerName } from "../format/register.ts";
import { Identity } from "../parts/identity.tsx";
import { Loaded } from "../parts/loaded.tsx";
import { MeterLink } from "../parts/meter-link.tsx";
import { Page } from "../parts/page.tsx";
import { Pager, useCursors } from "../parts/pager.tsx";
import { Table } from "../parts/table.tsx";
import { Time } from "../parts/time.tsx";
import { useResource, useThrottled } from "../resource.ts";
import { headHeight } from "../state/chain.ts";
import { words } from "../state/language.ts";
import { api } from "../state/session.ts";

/** Of the registers of a meter, those that people look for first; the page of the meter has all. */
const SHOWN_REGISTERS = 4;

type Meter = RouteAnswer<"meters">["items"][number];

export function MetersPage() {
  const { meters } = words.value;
  const cursors = useCursors();
  const cursor = cursors.current;
  const head = useThrottled(headHeight.value, 3000);
  const page = useResource(
    `meters ${cursor}`,
    () => api.call("meters", { query: { ...(cursor && { cursor }) } }),
    head,
  );
  return (
    <Page title={meters.title}>
      <Loaded resource={page} isEmpty={({ items }) => items.length === 0} empty={meters.empty}>
        {({ items, next }) => (
          <>
            <MeterTable meters={items} />
            <Pager cursors={cursors} next={next} />
          </>
        )}
      </Loaded>
    </Page>
  );
}

function MeterTable({ meters }: { readonly meters: readonly Meter[] }) {
  const { meters: name } = words.value;
  return (
    <Table
      name={name.title}
      columns={[
        { title: name.meter },
        { title: name.owner },
        { title: name.last },
        { title: name.readings, numeric: true },
        { title: name.sequence, numeric: true },
        { title: name.registers, wide: true },
      ]}
    >
      {meters.map((meter) => (
        <tr key={meter.meter}>
          <td>
            <MeterLink meter={meter.meter} />
          </td>
          <td>
            <Identity id={meter.owner} name={meter.ownerName} />
          </td>
          <td>
            <Time ms={meter.lastTimeMs} as="ago" />
          </td>
          <td class="num">{formatCount(meter.readings)}</td>
          <td class="num">{formatCount(meter.sequence)}</td>
          <td class="wide wrap">
            <Registers of={meter} />
          </td>
        </tr>
      ))}
    </Table>
  );
}

function Registers({ of: { registers } }: { readonly of: Meter }) {
  const names = byInterest(registers).map(({ obis }) => registerName(obis));
  const more = names.length - SHOWN_REGISTERS;
  return (
    <span title={names.join(" · ")}>
      {names.slice(0, SHOWN_REGISTERS).join(" · ")}
      {more > 0 && <span class="muted"> · +{formatCount(more)}</span>}
    </span>
  );
}
