import { formatTable } from "../output.ts";
import type { Council } from "./propose.ts";

/** Open proposals and approved changes, as tables. */
export function ballotLines({ items, scheduled }: Council): string[] {
  return [
    ...section("open proposals", items.length, [
      ["proposal", "change", "approvals", "from block", "until block", "effect", "reason"],
      ...items.map((item) => [
        item.id,
        `${item.action} ${item.subject}`,
        `${item.given} of ${item.needed}: ${item.approvals.join(", ")}`,
        item.effectiveAtHeight === 0 ? "next" : String(item.effectiveAtHeight),
        String(item.expiresAtHeight),
        item.forecast.reason,
        item.reason,
      ]),
    ]),
    "",
    ...section("approved changes", scheduled.length, [
      ["approved", "change", "from block", "reason"],
      ...scheduled.map((item) => [
        item.id,
        `${item.action} ${item.subject}`,
        String(item.fromHeight),
        item.reason,
      ]),
    ]),
  ];
}

export function section(title: string, count: number, rows: string[][]): string[] {
  return count === 0 ? [`no ${title}`] : formatTable(rows);
}
