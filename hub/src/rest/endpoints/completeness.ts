import { Fault } from "@gridledger/protocol/faults";
import { formatHex } from "@gridledger/protocol/hex";
import type { JudgedFinding } from "../../index/query/judge-findings.ts";
import type { MeterHistory } from "../../index/query/meter-history.ts";
import type { MeterQueries } from "../../index/query/meter-queries.ts";
import type { Endpoint } from "../endpoint.ts";

interface Deps {
  readonly index: {
    readonly meters: Pick<MeterQueries, "byName">;
    readonly history: Pick<MeterHistory, "of">;
  };
}

/** `from` and `to` are both inclusive; without them the meter's first and last reading. */
export function completeness({ index }: Deps): Endpoint<"completeness"> {
  return async ({ params, query }) => {
    const known = await index.meters.byName(params.meter);
    if (known === undefined) throw new Fault("NOT_FOUND", `no meter is called ${params.meter}`);
    const { meter } = known;
    const fromMs = timeOf(query.from) ?? known.firstTimeMs;
    const toMs = timeOf(query.to) ?? known.lastTimeMs;
    if (fromMs > toMs) throw new Fault("REQUEST_INVALID", "from: later than to");
    const { intervalMs } = query;
    const history = await index.history.of({ meter, fromMs, toMs, intervalMs });
    const { expected, present, missing } = history.coverage;
    return {
      ...{ meter, fromMs, toMs, intervalMs: history.intervalMs, expected, present },
      missing: [...missing],
      batches: history.run.map(({ batch, height, txHash, payloadHash }) => ({
        ...{ sequence: batch.sequence, height, transaction: formatHex(txHash) },
        payloadHash: formatHex(payloadHash),
        ...{ firstTimeMs: batch.timesMs[0]!, lastTimeMs: batch.timesMs.at(-1)! },
        readings: batch.timesMs.length,
      })),
      findings: history.findings.map(findingView),
      corrected: [...history.corrected],
    };
  };
}

function findingView({ txHash, correction, ...finding }: JudgedFinding) {
  const { kind, timeMs, obis, value, before, height, state } = finding;
  return {
    ...{ kind, timeMs, height, transaction: formatHex(txHash), state },
    ...{ obis: obis ?? null, value: value ?? null, before: before ?? null },
    correction:
      correction === undefined
        ? null
        : { number: correction.number, transaction: correction.transaction },
  };
}

function timeOf(time: number | string | undefined): number | undefined {
  return typeof time === "string" ? Date.parse(time) : time;
}
