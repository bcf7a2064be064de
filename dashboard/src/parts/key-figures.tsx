import { formatCount, formatRate } from "../format/number.ts";
import { formatInterval } from "../format/time.ts";
import { status } from "../state/chain.ts";
import { words } from "../state/language.ts";

/** Four figures a control room asks for first. */
export function KeyFigures() {
  const { overview } = words.value;
  const told = status.value;
  const interval = told?.rates.blockIntervalMs ?? null;
  return (
    <dl class="figures">
      <Figure
        name={overview.interval}
        value={interval === null ? "–" : formatInterval(interval)}
        note={told && interval === null ? overview.noInterval : overview.intervalNote}
      />
      <Figure
        name={overview.readings}
        value={told && formatRate(told.rates.readingsPerSecond)}
        unit={overview.perSecond}
        note={overview.inTotal(told ? formatCount(told.readings) : "–")}
      />
      <Figure
        name={overview.transactions}
        value={told && formatRate(told.rates.transactionsPerSecond)}
        unit={overview.perSecond}
        note={overview.inTotal(told ? formatCount(told.transactions) : "–")}
      />
      <Figure
        name={overview.meters}
        value={told && formatCount(told.meters)}
        note={overview.metersNote}
      />
    </dl>
  );
}

interface FigureProps {
  readonly name: string;
  readonly value: string | null;
  readonly unit?: string;
  readonly note: string;
}

function Figure({ name, value, unit, note }: FigureProps) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        {value ?? "–"}
        {value !== null && unit && <small>{unit}</small>}
      </dd>
      <dd class="note">{note}</dd>
    </div>
  );
}
