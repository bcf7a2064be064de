import type { RouteAnswer } from "@gridledger/protocol/api/contract";
import type { MappingDefinition } from "../../mapping/definition.ts";
import type { OpenMapping } from "../../mapping/open-mapping.ts";

type Summary = RouteAnswer<"mappings">["items"][number];
type Detail = RouteAnswer<"mapping">;

/**
 * A change is found by the sweep after it, at the latest: it begins this long after the last one ended, and
 * each takes as long as the budget says. A row that is gone is told at a sweep's end (guide §9.4).
 */
function detectWithinMs({ budget }: MappingDefinition, rows: number | null): number | null {
  if (rows === null) return null;
  const sweepMs = (rows / budget.rowsPerSecond) * 1_000;
  return Math.ceil(budget.sweepEveryMs + 2 * sweepMs) + 1_000;
}

export async function mappingSummary({ parts, worker, mapping }: OpenMapping): Promise<Summary> {
  const { id, name, definition, progress, paused } = mapping();
  const { provable, mapped, lastAnchoredMs } = await parts.tables.batches.coverage(id);
  const { tableRows, lastRunMs, lastSweepMs, batch } = progress;
  const findings = parts.findings.standing;
  const provableRows = Math.max(0, provable - findings);
  const problem = paused ?? worker.trouble;
  return {
    ...{ id, name, database: definition.database, table: definition.mapped.name },
    state: paused !== null ? "paused" : problem === null ? "working" : "trouble",
    ...{ problem, accountMayWrite: worker.accountMayWrite },
    catalogue: definition.catalogue,
    ...{ tableRows, mappedRows: mapped, provableRows, batches: batch, findings },
    coverage: tableRows === null ? null : coverageOf(provableRows, Math.max(tableRows, mapped)),
    ...{ anchoredMs: lastAnchoredMs, lastRunMs, lastSweepMs },
    detectWithinMs: detectWithinMs(definition, tableRows),
  };
}

function coverageOf(provable: number, rows: number): number {
  return rows === 0 ? 1 : provable / rows;
}

export async function mappingDetail(opened: OpenMapping): Promise<Detail> {
  const { definition, progress } = opened.mapping();
  const { mapped, follow, budget } = definition;
  return {
    ...(await mappingSummary(opened)),
    ...{ key: [...mapped.key], columns: [...mapped.columns] },
    watermark: follow.by === "key" ? null : follow.column,
    saltsPerColumn: mapped.saltsPerColumn,
    ...budget,
    sweeping: progress.sweep && {
      startedMs: progress.sweep.startedMs,
      rows: progress.sweep.rows,
    },
  };
}
