import type { RouteAnswer } from "@gridledger/protocol/api/contract";
import { formatTable, formatTime } from "../../output.ts";

type Detail = RouteAnswer<"mapping">;

const percent = new Intl.NumberFormat("en", { style: "percent", maximumFractionDigits: 2 });

/** 1 is 100 % and nothing less is. */
export function formatCoverage(coverage: number | null): string {
  if (coverage === null) return "–";
  return percent.format(coverage < 1 ? Math.min(coverage, 0.9999) : 1);
}

/** A mapping as a table of facts. */
export function mappingLines(one: Detail): string[] {
  const columns = [...one.key, ...one.columns].map(({ name, type }) => `${name} ${type}`);
  return formatTable([
    ["name", one.name],
    ["id", one.id],
    ["table", `${one.database}: ${one.table}`],
    ["columns", columns.join(", ")],
    ["key", one.key.map(({ name }) => name).join(", ")],
    ["news", one.watermark === null ? "rows with greater keys" : `a later ${one.watermark}`],
    ["state", one.problem === null ? one.state : `${one.state}: ${one.problem.code}`],
    ["because", one.problem?.detail ?? "–"],
    ...(one.accountMayWrite
      ? [["rights", "WARNING: the account may change this table; let it read alone"]]
      : []),
    ["owner", one.catalogue.owner || "–"],
    ["class", one.catalogue.classification],
    ["rows", `${one.tableRows ?? "–"}, ${one.provableRows} provable`],
    ["coverage", formatCoverage(one.coverage)],
    ["anchored", `${one.batches} batches, the last in the block of ${formatTime(one.anchoredMs)}`],
    ["swept", formatTime(one.lastSweepMs)],
    ["budget", `${one.rowsPerSecond} rows/s, ${one.sweepEveryMs / 1_000} s between sweeps`],
    ["found within", one.detectWithinMs === null ? "–" : `${one.detectWithinMs / 1_000} s`],
    ["findings", String(one.findings)],
  ]);
}
