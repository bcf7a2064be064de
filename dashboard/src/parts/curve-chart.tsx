import type { Curve, CurvePoint } from "../curve.ts";
import { formatQuantity, isEnergy, type Quantity, registerName } from "../format/register.ts";
import { formatDuration } from "../format/time.ts";
import { words } from "../state/language.ts";
import { Chart } from "./chart.tsx";

interface CurveChartProps {
  readonly curve: Curve;
  readonly obis: string;
  /** "power" is what an energy register rose by, averaged over the curve's span. */
  readonly show: "power" | "raw";
  readonly height: number;
}

/** A meter's register over time; a gap is a gap in the line. */
export function CurveChart({ curve, obis, show, height }: CurveChartProps) {
  const { points, intervalMs, spanMs } = curve;
  const { meter } = words.value;
  const unit = points[0]?.reading.unit ?? "";
  const asPower = show === "power" && isEnergy(unit);
  const { times, quantities } = seriesOf(points, asPower);
  const sample = quantities.find((quantity) => quantity !== null);
  const name = registerName(obis);
  const shownUnit = sample?.unit ? ` (${sample.unit})` : "";
  const span = asPower ? ` · ${meter.averaged(formatDuration(spanMs + 500))}` : "";
  const title = `${name}${shownUnit}${span}`;
  return (
    <Chart
      title={title}
      label={`${title}: ${meter.readingsCount(String(points.length))}`}
      times={times}
      values={quantities.map((quantity) => quantity?.value ?? null)}
      format={(value) =>
        formatQuantity({ decimals: sample?.decimals ?? 0, unit: sample?.unit ?? "", value })
      }
      height={height}
      stepped={asPower && spanMs === intervalMs}
      fromZero={asPower}
    />
  );
}

function seriesOf(points: readonly CurvePoint[], asPower: boolean) {
  const times: number[] = [];
  const quantities: (Quantity | null)[] = [];
  for (const { reading, shown, power, gap } of points) {
    if (gap !== null) {
      times.push((reading.timeMs - gap.ms / 2) / 1000);
      quantities.push(null);
    }
    times.push(reading.timeMs / 1000);
    quantities.push(asPower ? power : shown);
  }
  return { times, quantities };
}
