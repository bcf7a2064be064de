import type { MappedTable } from "@gridledger/protocol/rows/mapped-table";

/** What of which table is mapped, how often it is looked at, and what the catalogue says of it. */
export interface MappingDefinition {
  /** A name of the hub's list of databases. */
  readonly database: string;
  /** Undefined where the database has none, or the connection's own is meant. */
  readonly schema: string | undefined;
  readonly table: string;
  readonly mapped: MappedTable;
  /**
   * How lawful news are known: "key" takes rows whose key is greater than the last, and nothing else may
   * change; "watermark" takes rows, new or changed, whose column says a later time or number.
   */
  readonly follow: { readonly by: "key" } | { readonly by: "watermark"; readonly column: string };
  /** Native types of the mapped columns when the mapping was made. */
  readonly nativeTypes: Readonly<Record<string, string>>;
  readonly budget: Budget;
  readonly catalogue: CatalogueFacts;
}

/** What the mapping may cost the database, and how often it looks (guide §9.4). */
export interface Budget {
  /** Rows that may be read in a second. */
  readonly rowsPerSecond: number;
  readonly runEveryMs: number;
  readonly sweepEveryMs: number;
  /** Random rows looked at between the sweeps, at each run. */
  readonly sampleRows: number;
}

/** Guide §9.3. */
export interface CatalogueFacts {
  readonly title: string;
  readonly owner: string;
  readonly classification: "public" | "internal" | "confidential" | "secret";
  readonly retentionDays: number | null;
}

/** How far a mapping has come; kept with each batch, so that it goes on after a crash. */
export interface Progress {
  readonly batch: number;
  /** Hex, of the last anchor's payload. */
  readonly payloadHash: string;
  /** Place of the last row taken: the key, or watermark and key, as canonical texts. */
  readonly after: readonly string[] | null;
  /** The furthest place when it was looked last: rows up to it have settled. */
  readonly ceiling: readonly string[] | null;
  readonly lastRunMs: number | null;
  readonly sweep: SweepProgress | null;
  readonly lastSweepMs: number | null;
  /** Rows of the table when they were counted last. */
  readonly tableRows: number | null;
}

/** A sweep that has not ended. */
export interface SweepProgress {
  readonly number: number;
  readonly startedMs: number;
  /** Only rows of batches up to this one are missed at its end. */
  readonly lastBatch: number;
  readonly after: readonly string[] | null;
  readonly rows: number;
}

export const FIRST_PROGRESS: Progress = {
  ...{ batch: 0, payloadHash: "0".repeat(64), after: null, ceiling: null, lastRunMs: null },
  ...{ sweep: null, lastSweepMs: null, tableRows: null },
};

/** A mapping as it is kept. */
export interface Mapping {
  /** Hex of the mapping id. */
  readonly id: string;
  readonly name: string;
  readonly definition: MappingDefinition;
  readonly progress: Progress;
  readonly createdMs: number;
  readonly createdBy: string;
  /** Why it stands still; null while it runs. */
  readonly paused: { readonly code: string; readonly detail: string } | null;
}
