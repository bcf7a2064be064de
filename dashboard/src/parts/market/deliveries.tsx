import type { MarketSettlement } from "@gridledger/protocol/api/market-contract";
import { formatEnergy, formatMoney } from "../../format/money.ts";
import { formatCount } from "../../format/number.ts";
import { words } from "../../state/language.ts";
import { MeterLink } from "../meter-link.tsx";
import { Panel } from "../panel.tsx";
import { Table } from "../table.tsx";
import { Time } from "../time.tsx";

interface DeliveriesProps {
  readonly settlements: readonly MarketSettlement[];
  readonly intervalMs: number;
}

/** What was traded against what signed readings say, newest first. */
export function Deliveries({ settlements, intervalMs }: DeliveriesProps) {
  const { market: name } = words.value;
  if (settlements.length === 0) {
    return (
      <Panel title={name.deliveries}>
        <p class="notice">{name.none}</p>
      </Panel>
    );
  }
  return (
    <Panel title={name.deliveries}>
      <Table
        name={name.deliveries}
        columns={[
          { title: name.delivery },
          { title: name.who },
          { title: name.meter, wide: true },
          { title: name.traded, numeric: true },
          { title: name.metered, numeric: true },
          { title: name.deviation, numeric: true },
          { title: name.amount, numeric: true },
          { title: name.proof, wide: true },
        ]}
      >
        {settlements.map((each) => (
          <Delivery
            key={`${each.interval} ${each.meter.id}`}
            line={each}
            startMs={each.interval * intervalMs}
          />
        ))}
      </Table>
    </Panel>
  );
}

interface DeliveryProps {
  readonly line: MarketSettlement;
  readonly startMs: number;
}

function Delivery({ line, startMs }: DeliveryProps) {
  const { market: name } = words.value;
  const { owner, meter, tradedWh, meteredWh, amount, state, times } = line;
  const again = times > 1 ? ` · ${name.again(formatCount(times))}` : "";
  return (
    <tr>
      <td>
        <Time ms={startMs} as="clock" />
      </td>
      <td>{owner.name ?? owner.address.slice(0, 10)}</td>
      <td class="wide">{meter.name === null ? meter.id : <MeterLink meter={meter.name} />}</td>
      <td class="num">{signed(tradedWh)}</td>
      <td class="num">{signed(meteredWh)}</td>
      <td class="num">{formatEnergy(meteredWh - tradedWh)}</td>
      <td class="num">{formatMoney(amount)}</td>
      <td class="wide">{`${name.states[state]}${again}`}</td>
    </tr>
  );
}

/** Energy that was taken or given, in words instead of a sign. */
function signed(wh: number): string {
  const { market: name } = words.value;
  if (wh === 0) return formatEnergy(0);
  return `${wh > 0 ? name.bought : name.sold} ${formatEnergy(Math.abs(wh))}`;
}
