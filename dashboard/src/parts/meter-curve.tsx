import { useSignal } from "@preact/signals";
import { type Curve, curveOf } from "../curve.ts";
import { byInterest, isActivePower, isEnergy, registerName } from "../format/register.ts";
import { useResource, useThrottled } from "../resource.ts";
import { headHeight } from "../state/chain.ts";
import { words } from "../state/language.ts";
import { api } from "../state/session.ts";
import { Select } from "./choice.tsx";
import { CurveChart } from "./curve-chart.tsx";
import { Loaded } from "./loaded.tsx";
import { Panel } from "./panel.tsx";

/** Enough for an average over minutes where a reading comes every two seconds. */
const shownReadings = 400;

/** One meter's newest readings on the overview. */
export function MeterCurve() {
  const { overview, meters: meterWords } = words.value;
  const meter = useSignal<string | null>(null);
  const obis = useSignal<string | null>(null);
  const meters = useResource("meters", () => api.call("meters", { query: { limit: 200 } }));
  return (
    <Panel title={overview.curve} class="curve">
      <Loaded
        resource={meters}
        isEmpty={(page) => page.items.length === 0}
        empty={meterWords.empty}
      >
        {({ items }) => {
          const chosen = items.find((item) => item.meter === meter.value) ?? busiest(items);
          if (chosen === undefined) return null;
          const registers = byInterest(chosen.registers);
          const register = registers.find((one) => one.obis === obis.value) ?? first(registers);
          return (
            <>
              <div class="controls">
                <Select
                  name={overview.meter}
                  options={items.map((item) => [item.meter, item.meter] as const)}
                  chosen={chosen.meter}
                  choose={(value) => {
                    meter.value = value;
                  }}
                />
                <Select
                  name={overview.register}
                  options={registers.map((one) => [one.obis, registerName(one.obis)] as const)}
                  chosen={register?.obis ?? ""}
                  choose={(value) => {
                    obis.value = value;
                  }}
                />
                <a href={`/meters/${encodeURIComponent(chosen.meter)}`}>{overview.openMeter}</a>
              </div>
              {register && <NewestCurve meter={chosen.meter} {...register} />}
            </>
          );
        }}
      </Loaded>
    </Panel>
  );
}

/** The meter with the most to show. */
function busiest<Meter extends { readonly readings: number }>(
  meters: readonly Meter[],
): Meter | undefined {
  return [...meters].sort((a, b) => b.readings - a.readings)[0];
}

/** Measured power before power worked out from energy. */
function first<Register extends { readonly obis: string }>(
  byInterest: readonly Register[],
): Register | undefined {
  return byInterest.find(isActivePower) ?? byInterest[0];
}

interface CurveProps {
  readonly meter: string;
  readonly obis: string;
  readonly unit: string;
}

function NewestCurve({ meter, obis, unit }: CurveProps) {
  const revision = useThrottled(headHeight.value, 3000);
  const readings = useResource(
    `${meter} ${obis}`,
    (): Promise<Curve> =>
      api
        .call("readings", {
          params: { meter },
          query: { obis, order: "desc", limit: shownReadings },
        })
        .then((page) => curveOf(page.items.toReversed())),
    revision,
  );
  return (
    <div class="curve-box">
      <Loaded
        resource={readings}
        isEmpty={({ points }) => points.length === 0}
        empty={words.value.meter.empty}
      >
        {(curve) => (
          <CurveChart
            curve={curve}
            obis={obis}
            show={isEnergy(unit) ? "power" : "raw"}
            height={220}
          />
        )}
      </Loaded>
    </div>
  );
}
