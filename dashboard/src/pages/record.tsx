import type { RouteAnswer } from "@gridledger/protocol/api/contract";
import { useSignal } from "@preact/signals";
import { formatCount } from "../format/number.ts";
import { formatDuration } from "../format/time.ts";
import { Choice } from "../parts/choice.tsx";
import { Loaded } from "../parts/loaded.tsx";
import { Page } from "../parts/page.tsx";
import { Panel } from "../parts/panel.tsx";
import { DayStrips } from "../parts/record/day-strips.tsx";
import { BatchRun, FindingTable, GapTable } from "../parts/record/record-tables.tsx";
import { useResource, useThrottled } from "../resource.ts";
import { headHeight } from "../state/chain.ts";
import { api } from "../state/session.ts";
import { objectWords } from "../words/objects.ts";

type MeterRecord = RouteAnswer<"completeness">;
type Period = "week" | "month";
const DAY_MS = 86_400_000;
const periodDays: Readonly<Record<Period, number>> = { week: 7, month: 31 };

/** Which intervals a meter has readings of, and what proves that there are no others (guide §4.4.4). */
export function RecordPage({ meter }: { readonly meter: string }) {
  const name = objectWords.value;
  const period = useSignal<Period>("week");
  const head = useThrottled(headHeight.value, 10_000);
  const record = useResource(
    `record ${meter} ${period.value}`,
    () => loadRecord(meter, periodDays[period.value]),
    head,
  );
  const periods = (["week", "month"] as const).map((one) => [one, name.periods[one]] as const);
  return (
    <Page title={name.recordOf(meter)}>
      <p>
        <a href={`/meters/${encodeURIComponent(meter)}`}>{name.back}</a>
      </p>
      <div class="controls">
        <Choice
          name={name.period}
          options={periods}
          chosen={period.value}
          choose={(chosen) => {
            period.value = chosen;
          }}
        />
      </div>
      <Loaded resource={record} isEmpty={(loaded) => loaded === "none"} empty={name.noReadings}>
        {(loaded) => loaded !== "none" && <RecordView record={loaded} />}
      </Loaded>
    </Page>
  );
}

/** The last days before the meter's newest reading. */
async function loadRecord(meter: string, days: number): Promise<MeterRecord | "none"> {
  const params = { meter };
  const newest = await api.call("readings", { params, query: { order: "desc", limit: 1 } });
  const to = newest.items[0]?.timeMs;
  if (to === undefined) return "none";
  const oldest = await api.call("readings", { params, query: { limit: 1 } });
  const from = Math.max(oldest.items[0]?.timeMs ?? 0, to - days * DAY_MS);
  return api.call("completeness", { params, query: { from, to } });
}

function RecordView({ record }: { readonly record: MeterRecord }) {
  const name = objectWords.value;
  const { expected, present, intervalMs, missing, findings, batches } = record;
  if (intervalMs === null) return <p>{name.unknownInterval}</p>;
  const interval = formatDuration(intervalMs);
  const holes = expected - present;
  return (
    <>
      <p class={`verdict ${holes === 0 ? "tone-ok" : "tone-fault"}`} role="status">
        {holes === 0
          ? name.complete(formatCount(expected), interval)
          : name.incomplete(formatCount(holes), formatCount(expected), interval)}
      </p>
      <Panel title={name.record}>
        <DayStrips record={{ ...record, intervalMs, ...timesOf(record) }} />
      </Panel>
      {missing.length > 0 && <GapTable gaps={missing} />}
      {findings.length > 0 && <FindingTable findings={findings} />}
      <BatchRun batches={batches} />
    </>
  );
}

/** A finding that a correction has settled needs no second look any more. */
function timesOf({ findings, corrected }: MeterRecord) {
  const open = findings.filter(({ state }) => state !== "resolved");
  return {
    oddMs: open.map(({ timeMs }) => timeMs),
    correctedMs: corrected.map(({ timeMs }) => timeMs),
  };
}
