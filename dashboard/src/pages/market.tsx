import type { MarketInterval } from "@gridledger/protocol/api/market-contract";
import { formatEnergy, formatMoney } from "../format/money.ts";
import { formatCount } from "../format/number.ts";
import { Chart } from "../parts/chart.tsx";
import { Loaded } from "../parts/loaded.tsx";
import { Balances } from "../parts/market/balances.tsx";
import { Deliveries } from "../parts/market/deliveries.tsx";
import { IntervalTable } from "../parts/market/interval-table.tsx";
import { MarketFigures } from "../parts/market/market-figures.tsx";
import { Page } from "../parts/page.tsx";
import { Panel } from "../parts/panel.tsx";
import { useResource, useThrottled } from "../resource.ts";
import { headHeight } from "../state/chain.ts";
import { words } from "../state/language.ts";
import { api } from "../state/session.ts";

const INTERVALS = "60";
const DELIVERIES = "15";
/** One interval has no time axis. */
const MIN_DRAWN = 2;
const REFRESH_MS = 3_000;

async function load() {
  const [market, intervals, settlements, participants] = await Promise.all([
    api.call("market"),
    api.call("marketIntervals", { query: { limit: INTERVALS } }),
    api.call("marketSettlements", { query: { limit: DELIVERIES } }),
    api.call("marketParticipants"),
  ]);
  return {
    market,
    intervals: intervals.items,
    settlements: settlements.items,
    participants: participants.items,
  };
}

/** Guide §3.2: what energy costs, who sold it, who delivered, who is owed what. */
export function MarketPage() {
  const { market: name } = words.value;
  const revision = useThrottled(headHeight.value, REFRESH_MS);
  const loaded = useResource("market", load, revision);
  return (
    <Page title={name.title}>
      <Loaded
        resource={loaded}
        isEmpty={({ market }) => market.rules === null}
        empty={name.notOpen}
      >
        {({ market, intervals, settlements, participants }) => (
          <div class="market">
            <MarketFigures market={market} intervals={intervals} participants={participants} />
            <Curves intervals={intervals.filter(({ phase }) => phase !== "open").toReversed()} />
            <IntervalTable intervals={intervals.slice(0, 10)} />
            <Balances participants={participants} rules={market.rules} />
            <Deliveries settlements={settlements} intervalMs={market.intervalMs} />
          </div>
        )}
      </Loaded>
    </Page>
  );
}

function Curves({ intervals }: { readonly intervals: readonly MarketInterval[] }) {
  const { market: name } = words.value;
  if (intervals.length < MIN_DRAWN) {
    return (
      <Panel title={name.intervals} class="market-curves">
        <p class="notice">{name.tooFew}</p>
      </Panel>
    );
  }
  // A step is drawn up to its time: an interval ends there.
  const times = intervals.map(({ endMs }) => endMs / 1_000);
  const label = (title: string) => name.chartLabel(title, formatCount(intervals.length));
  const shared = { times, height: 150, stepped: true, fromZero: true };
  return (
    <Panel title={name.intervals} class="market-curves">
      <Chart
        {...shared}
        title={name.priceChart}
        label={label(name.priceChart)}
        values={intervals.map(({ price }) => (price === null ? null : price / 10_000))}
        format={(value) => formatMoney(value * 10_000)}
        fromZero={false}
      />
      <Chart
        {...shared}
        title={name.volumeChart}
        label={label(name.volumeChart)}
        values={intervals.map(({ volumeWh }) => volumeWh)}
        format={formatEnergy}
        color="--second"
      />
    </Panel>
  );
}
