import type { EvidenceBundle } from "@gridledger/protocol/api/bundle-contract";
import type { RouteAnswer } from "@gridledger/protocol/api/contract";
import { fakeHash } from "./fake-chain.ts";

type DataObject = RouteAnswer<"object">;
const DAY_MS = 86_400_000;
const INTERVAL_MS = 900_000;

function objectOf(name: string, change: Partial<DataObject> = {}): DataObject {
  const root = fakeHash(`object ${name}`);
  return {
    ...{ root, name, sizeBytes: 2_500, chunkBytes: 1_024, chunks: 3, chunksHere: 3 },
    ...({ mediaType: "text/csv", conversion: "csv", saltPolicy: "per-chunk" } as const),
    ...({ classification: "internal", retentionDays: 3_650, state: "final" } as const),
    ...{ owner: fakeHash("owner").slice(0, 20), ownerName: "gateway-9" },
    transaction: fakeHash(`put ${name}`),
    address: { channel: "test", height: 128_390, txIndex: 0, chunks: 3, root },
    ...{ receipt: null, refusal: null, missing: [], erased: null },
    ...{ successors: [], predecessors: [] },
    ...change,
  };
}

/** Objects, and a true bundle where a test has one. */
export class FakeObjects {
  bundle: EvidenceBundle | null = null;
  readonly items: DataObject[] = [
    objectOf("tariff.csv"),
    objectOf("电价表 2026.csv", {
      ...{ state: "uploading", address: null, chunks: 40, chunksHere: 31, missing: [[6, 14]] },
    }),
    objectOf("old.json", { erased: { height: 128_380, legalBasis: "PIPL art. 47" } }),
  ];

  list(name: string): RouteAnswer<"objects"> {
    const found = this.items.filter((one) => one.name.includes(name));
    const items = found.map(({ missing, erased, successors, predecessors, ...one }) => one);
    return { items, next: null };
  }

  find(root: string): DataObject {
    return this.items.find((one) => one.root === root) ?? this.items[0]!;
  }
}

/** Three days of a meter with a hole and something odd. */
export function fakeRecord(meter: string, toMs: number): RouteAnswer<"completeness"> {
  const fromMs = toMs - 3 * DAY_MS;
  const gap = { fromMs: fromMs + DAY_MS, toMs: fromMs + DAY_MS + 9 * INTERVAL_MS, intervals: 9 };
  const odd = {
    ...({ kind: "late", state: "open", correction: null } as const),
    ...{ timeMs: fromMs + 2 * DAY_MS, height: 128_390 },
  };
  const expected = Math.floor((3 * DAY_MS) / INTERVAL_MS) + 1;
  const batch = (sequence: number) => ({
    ...{ sequence, height: 128_300 + sequence, transaction: fakeHash(`batch ${sequence}`) },
    ...{ payloadHash: fakeHash(`payload ${sequence}`), readings: 96 },
    firstTimeMs: fromMs + (sequence - 1) * DAY_MS,
    lastTimeMs: fromMs + sequence * DAY_MS - INTERVAL_MS,
  });
  return {
    ...{ meter, fromMs, toMs, intervalMs: INTERVAL_MS, expected, present: expected - 9 },
    missing: [gap],
    corrected: [
      {
        ...({ status: "estimated", value: 1_234, number: 1, obis: "1-0:1.8.0" } as const),
        ...{ transaction: fakeHash("correction"), timeMs: fromMs + 1.5 * DAY_MS },
        ...{ unit: "Wh", scaler: 0 },
      },
    ],
    batches: [1, 2, 3].map(batch),
    findings: [
      {
        ...{ ...odd, obis: null, value: null, before: null, transaction: fakeHash("batch 2") },
        ...{ state: "open", correction: null },
      },
    ],
  };
}
