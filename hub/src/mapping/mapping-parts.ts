import type { Hash } from "@gridledger/protocol/crypto/suite";
import type { RowSalts } from "@gridledger/protocol/rows/row-salts";
import type { BatchLeaves } from "./batch-leaves.ts";
import type { Budget, MappingDefinition, Progress } from "./definition.ts";
import type { Findings } from "./findings.ts";
import type { MappedSource } from "./mapped-source.ts";
import type { Pace } from "./pace.ts";
import type { RowReader } from "./row-reader.ts";
import type { MappingStore } from "./tables/mapping-store.ts";
import type { MappingTables } from "./tables/mapping-tables.ts";

/** What the work on one mapping shares. */
export interface MappingParts {
  /** Hex. */
  readonly id: string;
  readonly definition: MappingDefinition;
  readonly budget: Budget;
  readonly store: MappingStore;
  readonly tables: MappingTables;
  readonly hash: Hash;
  readonly salts: RowSalts;
  readonly reader: RowReader;
  readonly source: MappedSource;
  readonly leaves: BatchLeaves;
  readonly findings: Findings;
  readonly pace: Pace;
  readonly now: () => number;
  readonly progress: () => Progress;
  /** Durable progress from here on, of what the caller has written already. */
  readonly adopt: (progress: Progress) => void;
  readonly save: (change: Partial<Progress>) => Promise<void>;
  /** A batch waits for its anchor. */
  readonly onBatch: () => void;
}
