import type { RouteAnswer } from "@gridledger/protocol/api/contract";
import type { MarketInterval } from "@gridledger/protocol/api/market-contract";
import { formatEnergy, formatMoney } from "../../format/money.ts";
import { formatCount } from "../../format/number.ts";
import { formatClock, formatDuration } from "../../format/time.ts";
import { nowMs } from "../../state/clock.ts";
import { words } from "../../state/language.ts";

interface MarketFiguresProps {
  readonly market: RouteAnswer<"market">;
  readonly intervals: readonly MarketInterval[];
  readonly participants: RouteAnswer<"marketParticipants">["items"];
}

/** What a trader asks for first. */
export function MarketFigures({ market, intervals, participants }: MarketFiguresProps) {
  const { market: name } = words.value;
  const traded = intervals.find(({ price }) => price !== null);
  const next = intervals.find(({ phase }) => phase === "open");
  const sum = participants.reduce((total, { balance }) => total + BigInt(balance), 0n);
  const gateMs = next && next.startMs - (market.rules?.gateMs ?? 0) - nowMs.value;
  return (
    <section class="panel" aria-label={name.title}>
      <dl class="figures">
        <Figure
          name={name.price}
          value={traded?.price == null ? "–" : formatMoney(traded.price)}
          unit={name.perKwh}
          note={traded ? name.priceNote(formatClock(traded.startMs)) : name.noPrice}
        />
        <Figure
          name={name.volume}
          value={traded ? formatEnergy(traded.volumeWh) : "–"}
          note={
            traded
              ? name.volumeNote(formatEnergy(traded.demandWh), formatEnergy(traded.supplyWh))
              : name.noPrice
          }
        />
        <Figure
          name={name.gate}
          value={gateMs === undefined ? "–" : formatDuration(Math.max(0, gateMs))}
          note={name.gateNote(formatCount(next?.orders ?? 0))}
        />
        <Figure name={name.sum} value={formatMoney(String(sum))} note={name.sumNote} />
      </dl>
    </section>
  );
}

interface FigureProps {
  readonly name: string;
  readonly value: string;
  readonly unit?: string;
  readonly note: string;
}

function Figure({ name, value, unit, note }: FigureProps) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        {value}
        {unit && <small>{unit}</small>}
      </dd>
      <dd class="note">{note}</dd>
    </div>
  );
}
