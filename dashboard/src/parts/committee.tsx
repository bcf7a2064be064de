import type { RouteAnswer } from "@gridledger/protocol/api/contract";
import { formatCount } from "../format/number.ts";
import { useResource, useThrottled } from "../resource.ts";
import { headHeight } from "../state/chain.ts";
import { words } from "../state/language.ts";
import { api } from "../state/session.ts";
import { Identity } from "./identity.tsx";
import { Panel } from "./panel.tsx";
import { Table } from "./table.tsx";

type Answer = RouteAnswer<"committee">;
type Gateway = Answer["gateways"][number];

/** Who sits in the committee of this epoch and when the next is drawn; nothing on other channels. */
export function Committee() {
  const head = useThrottled(headHeight.value, 3000);
  const { data } = useResource("committee", () => api.call("committee"), head);
  const { committee: name } = words.value;
  if (data?.epoch == null) return null;
  const { gateways, epoch } = data;
  const seated = gateways.filter(({ isMember }) => isMember).length;
  const left = Math.max(0, epoch.nextFromHeight - 1 - (headHeight.value ?? epoch.fromHeight - 1));
  return (
    <Panel
      title={name.title}
      aside={<span>{name.seated(formatCount(seated), formatCount(gateways.length))}</span>}
    >
      <p>{name.epoch(formatCount(epoch.fromHeight), formatCount(epoch.nextFromHeight - 1))}</p>
      <p>{name.next(formatCount(epoch.nextFromHeight), formatCount(left))}</p>
      <Table
        name={name.title}
        columns={[
          { title: name.gateway },
          { title: name.seat },
          { title: name.availability, numeric: true },
          { title: name.missedTurns, numeric: true },
        ]}
      >
        {gateways
          .toSorted((a, b) => Number(b.isMember) - Number(a.isMember))
          .map((gateway) => (
            <GatewayRow key={gateway.id} gateway={gateway} />
          ))}
      </Table>
    </Panel>
  );
}

function GatewayRow({ gateway }: { readonly gateway: Gateway }) {
  const { committee: name } = words.value;
  const { id, isMember, weight, fullWeight, missedTurns } = gateway;
  return (
    <tr>
      <td>
        <Identity id={id} name={gateway.name} />
      </td>
      <td>
        <span class={`state tone-${isMember ? "ok" : "idle"}`}>
          <span class="dot" aria-hidden="true" />
          <span>{isMember ? name.member : name.notDrawn}</span>
        </span>
      </td>
      <td class="num">{name.percent(formatCount(Math.round((100 * weight) / fullWeight)))}</td>
      <td class="num">{formatCount(missedTurns)}</td>
    </tr>
  );
}
