import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";
import { formatDecimal } from "../format/number.ts";
import { formatClock, formatDateTime, formatSince } from "../format/time.ts";
import { language } from "../state/language.ts";

export interface ChartProps {
  readonly title: ComponentChildren;
  /** What the picture says, for those who do not see it. */
  readonly label: string;
  /** Times in seconds, ascending. */
  readonly times: readonly number[];
  readonly values: readonly (number | null)[];
  readonly format: (value: number) => string;
  readonly height: number;
  /** A level that holds from one time to the next is drawn in steps. */
  readonly stepped?: boolean;
  readonly fromZero?: boolean;
  /** CSS variable of the line's colour. */
  readonly color?: "--accent" | "--second";
}

/** One curve over time. The newest value is read out in the title, and while pointing the one pointed at. */
export function Chart(props: ChartProps) {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const pointed = useSignal<number | null>(null);
  const spoken = language.value;
  const { height, stepped = false, fromZero = false, color = "--accent" } = props;

  // The language is no option, yet the axes' text follows it.
  useEffect(() => {
    const target = box.current;
    if (target === null) return;
    const draw = () => {
      plot.current?.destroy();
      const options = plotOptions({ target, height, stepped, fromZero, color });
      options.hooks = { setCursor: [(drawn) => (pointed.value = drawn.cursor.idx ?? null)] };
      plot.current = new uPlot(options, plotData(props), target);
    };
    draw();
    const stop = redrawOnChange(target, draw, (width) => plot.current?.setSize({ width, height }));
    return () => {
      stop();
      plot.current?.destroy();
      plot.current = null;
    };
  }, [spoken, height, stepped, fromZero, color]);

  useEffect(() => {
    plot.current?.setData(plotData(props));
  });

  return (
    <figure class="chart">
      <figcaption>
        <span>{props.title}</span>
        <output class="readout">{readout(props, pointed.value)}</output>
      </figcaption>
      <div ref={box} role="img" aria-label={props.label} style={{ height: `${height}px` }} />
    </figure>
  );
}

function readout({ times, values, format }: ChartProps, pointed: number | null): string {
  const index = pointed ?? values.findLastIndex((value) => value !== null);
  const value = values[index];
  const time = times[index];
  if (value === null || value === undefined || time === undefined) return "";
  return pointed === null ? format(value) : `${format(value)} · ${formatDateTime(time * 1000)}`;
}

function plotData({ times, values }: ChartProps): uPlot.AlignedData {
  return [times as number[], values as (number | null)[]];
}

interface Drawing {
  readonly target: HTMLElement;
  readonly height: number;
  readonly stepped: boolean;
  readonly fromZero: boolean;
  readonly color: string;
}

function plotOptions({ target, height, stepped, fromZero, color }: Drawing): uPlot.Options {
  const style = getComputedStyle(target);
  const ink = style.getPropertyValue("--muted");
  const line = style.getPropertyValue(color);
  const axis = {
    stroke: ink,
    font: `12px ${style.fontFamily}`,
    ticks: { show: false },
    grid: { stroke: style.getPropertyValue("--line"), width: 1 },
  };
  return {
    width: target.clientWidth,
    height,
    // Half of a time's text at the right edge.
    padding: [8, 30, 0, 0],
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false }, points: { size: 7 } },
    scales: { y: { range: (_, low, high) => yRange(low, high, fromZero) } },
    axes: [
      { ...axis, space: 84, size: 28, values: (_, ticks) => timeTicks(ticks) },
      {
        ...axis,
        space: 36,
        size: (_, labels) => Math.max(40, ...(labels ?? []).map((label) => label.length * 7 + 14)),
        values: (_, ticks, _axis, _space, step) => valueTicks(ticks, step),
      },
    ],
    series: [
      {},
      {
        stroke: line,
        width: 1.5,
        fill: `${line}22`,
        points: { show: false },
        ...(stepped && { paths: uPlot.paths.stepped?.({ align: -1 }) as uPlot.Series.PathBuilder }),
      },
    ],
  };
}

function yRange(low: number | null, high: number | null, fromZero: boolean): [number, number] {
  if (low === null || high === null) return [0, 1];
  if (fromZero && low >= 0) return [0, Math.max(high * 1.15, 1)];
  const margin = Math.max((high - low) * 0.1, Math.abs(high) * 0.001, 0.001);
  return [low - margin, high + margin];
}

/** With as many decimals as the step between ticks needs. */
function valueTicks(ticks: readonly number[], step: number): string[] {
  const decimals = [0, 1, 2, 3, 4, 5].find((digits) => isWhole(step * 10 ** digits)) ?? 6;
  return ticks.map((tick) => formatDecimal(tick, decimals));
}

function isWhole(value: number): boolean {
  return Math.abs(value - Math.round(value)) < 1e-6;
}

function timeTicks(ticks: readonly number[]): string[] {
  const [first = 0, second = first] = ticks;
  const now = (ticks.at(-1) ?? 0) * 1000;
  return ticks.map((tick) =>
    second - first < 60 ? formatClock(tick * 1000) : formatSince(tick * 1000, now),
  );
}

/** Calls back when the colours or the width change; answers how to stop. */
function redrawOnChange(
  target: HTMLElement,
  recolor: () => void,
  resize: (width: number) => void,
): () => void {
  const scheme = matchMedia("(prefers-color-scheme: dark)");
  scheme.addEventListener("change", recolor);
  const observer = new ResizeObserver(() => resize(target.clientWidth));
  observer.observe(target);
  return () => {
    scheme.removeEventListener("change", recolor);
    observer.disconnect();
  };
}
