import { useSignal } from "@preact/signals";
import { type Curve, type CurvePoint, curveOf } from "../curve.ts";
import { formatCount } from "../format/number.ts";
import { byInterest, isEnergy, registerName } from "../format/register.ts";
import { formatAgo } from "../format/time.ts";
import { Choice, Select } from "../parts/choice.tsx";
import { Corrections } from "../parts/corrections.tsx";
import { CurveChart } from "../parts/curve-chart.tsx";
import { Loaded } from "../parts/loaded.tsx";
import { Page } from "../parts/page.tsx";
import { Panel } from "../parts/panel.tsx";
import { ReadingTable } from "../parts/reading-table.tsx";
import { useResource, useThrottled } from "../resource.ts";
import { headHeight } from "../state/chain.ts";
import { hubNowMs, nowMs } from "../state/clock.ts";
import { words } from "../state/language.ts";
import { api } from "../state/session.ts";

type Range = "hour" | "day" | "all";

const rangeMs: Readonly<Record<Range, number>> = {
  hour: 3_600_000,
  day: 86_400_000,
  all: Number.POSITIVE_INFINITY,
};
const maxReadings = 5000;

interface Newest {
  readonly curve: Curve;
  readonly isCut: boolean;
  readonly lastMs: number | null;
}

export function MeterPage({ meter }: { readonly meter: string }) {
  const chosenObis = useSignal<string | null>(null);
  const registers = useResource(`registers ${meter}`, () => registersOf(meter));
  return (
    <Page title={meter}>
      <p>
        <a href={`/meters/${encodeURIComponent(meter)}/record`}>{words.value.meter.record}</a>
      </p>
      <Loaded
        resource={registers}
        isEmpty={(all) => all.length === 0}
        empty={words.value.meters.empty}
      >
        {(all) => {
          const register = all.find(({ obis }) => obis === chosenObis.value) ?? all[0];
          if (register === undefined) return null;
          const select = (
            <Select
              name={words.value.meter.register}
              options={all.map(({ obis }) => [obis, `${registerName(obis)} · ${obis}`] as const)}
              chosen={register.obis}
              choose={(obis) => {
                chosenObis.value = obis;
              }}
            />
          );
          return <RegisterView meter={meter} {...register} select={select} />;
        }}
      </Loaded>
    </Page>
  );
}

/** There is no route for one meter; its newest readings name its registers. */
async function registersOf(meter: string) {
  const query = { order: "desc", limit: 100 } as const;
  const page = await api.call("readings", { params: { meter }, query });
  const byObis = new Map(page.items.map(({ obis, unit }) => [obis, { obis, unit }]));
  return byInterest([...byObis.values()]);
}

interface RegisterProps {
  readonly meter: string;
  readonly obis: string;
  readonly unit: string;
  readonly select: preact.ComponentChild;
}

function RegisterView({ meter, obis, unit, select }: RegisterProps) {
  const { meter: name } = words.value;
  const range = useSignal<Range>("hour");
  const show = useSignal<"power" | "raw">("power");
  const revision = useThrottled(headHeight.value, range.value === "all" ? 10_000 : 3_000);
  const readings = useResource(
    `${meter} ${obis} ${range.value}`,
    () => loadNewest(meter, obis, range.value),
    revision,
  );
  const ranges = (["hour", "day", "all"] as const).map((one) => [one, name.ranges[one]] as const);
  const shows = [["power", name.power] as const, ["raw", name.raw] as const];
  return (
    <>
      <div class="controls">
        {select}
        <Choice name={name.range} options={ranges} chosen={range.value} choose={setter(range)} />
        {isEnergy(unit) && (
          <Choice name={name.show} options={shows} chosen={show.value} choose={setter(show)} />
        )}
      </div>
      <Loaded
        resource={readings}
        isEmpty={({ curve }) => curve.points.length === 0}
        empty={<EmptyRange lastMs={readings.data?.lastMs ?? null} />}
      >
        {({ curve, isCut }) => (
          <>
            <Panel
              title={words.value.overview.curve}
              aside={<GapCount points={curve.points} isCut={isCut} />}
            >
              <CurveChart curve={curve} obis={obis} show={show.value} height={300} />
            </Panel>
            <ReadingTable points={curve.points} hasPower={isEnergy(unit)} />
            <Corrections meter={meter} revision={revision} />
          </>
        )}
      </Loaded>
    </>
  );
}

function setter<Value>(signal: { value: Value }): (value: Value) => void {
  return (value) => {
    signal.value = value;
  };
}

async function loadNewest(meter: string, obis: string, range: Range): Promise<Newest> {
  const params = { meter };
  const from = hubNowMs() - rangeMs[range];
  const query = {
    obis,
    order: "desc",
    limit: maxReadings,
    ...(Number.isFinite(from) && { from: Math.round(from) }),
  } as const;
  const { items, next } = await api.call("readings", { params, query });
  const curve = curveOf(items.toReversed());
  if (curve.points.length > 0) return { curve, isCut: next !== null, lastMs: null };
  const last = await api.call("readings", { params, query: { obis, order: "desc", limit: 1 } });
  return { curve, isCut: false, lastMs: last.items[0]?.timeMs ?? null };
}

function EmptyRange({ lastMs }: { readonly lastMs: number | null }) {
  const { meter: name } = words.value;
  return (
    <>
      {name.empty} {lastMs !== null && name.lastAt(formatAgo(lastMs, nowMs.value))}
    </>
  );
}

interface GapCountProps {
  readonly points: readonly CurvePoint[];
  readonly isCut: boolean;
}

function GapCount({ points, isCut }: GapCountProps) {
  const { meter: name } = words.value;
  const gaps = points.filter((point) => point.gap !== null).length;
  return (
    <span class="muted">
      {gaps === 0 ? name.complete : <span class="late-mark">{name.gaps(formatCount(gaps))}</span>}{" "}
      {isCut && name.newestOnly(formatCount(points.length))}
    </span>
  );
}
