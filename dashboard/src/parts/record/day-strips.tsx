import { type Day, daysOf, type RecordShown, type StretchState } from "../../day-strip.ts";
import { formatCount } from "../../format/number.ts";
import { locale } from "../../state/language.ts";
import { objectWords } from "../../words/objects.ts";

const states: readonly StretchState[] = ["present", "missing", "corrected", "odd", "outside"];

/** A strip a day; what it shows is beside it in numbers, and below it in tables. */
export function DayStrips({ record }: { readonly record: RecordShown }) {
  const name = objectWords.value;
  return (
    <>
      <ul class="legend">
        {states.map((state) => (
          <li key={state}>
            <span class={`swatch ${state}`} aria-hidden="true" />
            {name.legend[state]}
          </li>
        ))}
      </ul>
      <ol class="days">
        {daysOf(record).map((day) => (
          <DayRow key={day.startMs} day={day} />
        ))}
      </ol>
    </>
  );
}

function DayRow({ day: { startMs, expected, missing, stretches } }: { readonly day: Day }) {
  const format = new Intl.DateTimeFormat(locale.value, {
    ...({ weekday: "short", day: "numeric", month: "short" } as const),
  });
  const there = `${formatCount(expected - missing)} / ${formatCount(expected)}`;
  return (
    <li>
      <time dateTime={new Date(startMs).toISOString()}>{format.format(startMs)}</time>
      <span class="strip" aria-hidden="true">
        {stretches.map(({ state, share }, at) => (
          <span key={at} class={`run ${state}`} style={{ width: `${100 * share}%` }} />
        ))}
      </span>
      <span class={`num ${missing > 0 ? "wrong" : ""}`}>{there}</span>
    </li>
  );
}
