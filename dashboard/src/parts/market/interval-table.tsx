import type { MarketInterval } from "@gridledger/protocol/api/market-contract";
import { formatEnergy, formatMoney } from "../../format/money.ts";
import { formatCount } from "../../format/number.ts";
import { words } from "../../state/language.ts";
import { Panel } from "../panel.tsx";
import { Table } from "../table.tsx";
import { Time } from "../time.tsx";

/** The newest intervals, the one that takes orders first. */
export function IntervalTable({ intervals }: { readonly intervals: readonly MarketInterval[] }) {
  const { market: name, common } = words.value;
  return (
    <Panel title={name.intervals}>
      <Table
        name={name.intervals}
        columns={[
          { title: name.delivery },
          { title: name.phase },
          { title: name.uniform, numeric: true },
          { title: name.traded, numeric: true },
          { title: name.demand, numeric: true, wide: true },
          { title: name.supply, numeric: true, wide: true },
          { title: name.orders, numeric: true },
        ]}
      >
        {intervals.map((each) => (
          <tr key={each.interval}>
            <td>
              <Time ms={each.startMs} as="clock" />
            </td>
            <td>{name.phases[each.phase]}</td>
            <td class="num">{each.price === null ? common.none : formatMoney(each.price)}</td>
            <td class="num">{energyOf(each, each.volumeWh)}</td>
            <td class="num wide">{energyOf(each, each.demandWh)}</td>
            <td class="num wide">{energyOf(each, each.supplyWh)}</td>
            <td class="num">{formatCount(each.orders)}</td>
          </tr>
        ))}
      </Table>
    </Panel>
  );
}

/** Nothing is known of an interval that still takes orders. */
function energyOf({ phase }: MarketInterval, wh: number): string {
  return phase === "open" ? words.value.common.none : formatEnergy(wh);
}
