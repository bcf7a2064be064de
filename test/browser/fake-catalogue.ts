import type { RouteAnswer } from "@gridledger/protocol/api/contract";

type Catalogue = RouteAnswer<"catalogue">;
const HOUR_MS = 3_600_000;

/** Three mapped tables: one sound, one touched, one that stands still. */
export function fakeCatalogue(search: string): Catalogue {
  const now = Date.now();
  const usual = {
    ...({ database: "billing", state: "working", problem: null, tableRows: 1_284_000 } as const),
    ...{ mappedRows: 1_284_000, provableRows: 1_284_000, coverage: 1, batches: 314, findings: 0 },
    ...{ anchoredMs: now - 40_000, lastRunMs: now - 30_000, lastSweepMs: now - HOUR_MS },
    accountMayWrite: false,
    detectWithinMs: 2 * HOUR_MS,
  };
  const catalogue = {
    ...({ title: "Bills", owner: "Billing", classification: "confidential" } as const),
    retentionDays: 3_650,
  };
  const items: Catalogue["items"] = [
    { ...usual, id: "0a1b2c3d4e5f60718293", name: "bills", table: "public.bills", catalogue },
    {
      ...{ ...usual, id: "1a1b2c3d4e5f60718293", name: "meters", table: "mdm.meter" },
      ...{ provableRows: 1_283_998, coverage: 0.999_998, findings: 2 },
      catalogue: { ...catalogue, title: "电表档案", owner: "计量中心", classification: "internal" },
    },
    {
      ...{
        ...usual,
        id: "2a1b2c3d4e5f60718293",
        name: "tariffs",
        table: "tariff",
        state: "paused",
      },
      problem: { code: "MAPPING_SCHEMA", detail: "price was numeric(12,4)" },
      catalogue: { ...catalogue, title: "Tariffs", classification: "public", retentionDays: null },
    },
  ];
  return { items: items.filter((one) => JSON.stringify(one).includes(search)) };
}

export function fakeFindings(): RouteAnswer<"findings"> {
  const now = Date.now();
  const usual = {
    ...{ sinceMs: now - HOUR_MS, foundMs: now - 60_000, settledMs: null, settledHow: null },
    evidence: "{}",
  };
  return {
    items: [
      { ...usual, id: 2, key: "JS-2026-000417", kind: "changed", columns: ["factor", "owner"] },
      { ...usual, id: 1, key: "JS-2026-000502", kind: "deleted", columns: [] },
    ],
    next: null,
  };
}
