import type { Hash } from "@gridledger/protocol/crypto/suite";
import { kind } from "@gridledger/protocol/ledger/kinds";
import { RowSalts } from "@gridledger/protocol/rows/row-salts";
import { Anchorer, type AnchorerDeps } from "../anchoring/anchorer.ts";
import type { Clock } from "../clock.ts";
import type { Log } from "../log.ts";
import type { Alarms } from "./alarms.ts";
import { BatchLeaves } from "./batch-leaves.ts";
import type { Connector } from "./connectors/connector.ts";
import { CopySeal } from "./copy-seal.ts";
import type { Mapping, Progress } from "./definition.ts";
import { Findings } from "./findings.ts";
import { MappedSource, watermarkOf } from "./mapped-source.ts";
import type { MappingParts } from "./mapping-parts.ts";
import { MappingWorker } from "./mapping-worker.ts";
import { RowReader } from "./row-reader.ts";
import type { MappingStore } from "./tables/mapping-store.ts";
import type { MappingTables } from "./tables/mapping-tables.ts";

export interface OpenDeps {
  readonly store: MappingStore;
  readonly tables: MappingTables;
  readonly hash: Hash;
  /** 32 bytes of the mapping page. */
  readonly master: Uint8Array;
  readonly clock: Clock;
  readonly log: Log;
  readonly alarms: Alarms;
  readonly anchoring: Omit<AnchorerDeps, "batches" | "log">;
  /** Waits; a test does not. */
  readonly sleep: (ms: number) => Promise<void>;
}

/** A mapping at work. */
export interface OpenMapping {
  readonly parts: MappingParts;
  readonly worker: MappingWorker;
  readonly anchorer: Anchorer;
  readonly connector: Connector;
  /** As it stands now. */
  mapping(): Mapping;
  setPaused(paused: Mapping["paused"]): Promise<void>;
}

/** Puts the parts of one mapping together. */
export async function openMapping(
  deps: OpenDeps,
  kept: Mapping,
  connector: Connector,
): Promise<OpenMapping> {
  const { store, tables, hash, master, clock, log, alarms, anchoring, sleep } = deps;
  const { id, definition } = kept;
  let mapping = kept;
  const now = () => clock.now();
  const mappingId = Buffer.from(id, "hex");
  const salts = new RowSalts(master, mappingId);
  const reader = new RowReader({ hash, salts }, definition.mapped, watermarkOf(definition));
  const leaves = new BatchLeaves(hash, tables.batches);
  const findings = new Findings({
    ...{ id, mapped: definition.mapped, store, tables, hash, reader, leaves, now },
    seal: new CopySeal(master, mappingId),
    alarm: (finding) => alarms.raise(kept.name, finding),
  });
  await findings.load();
  const adopt = (progress: Progress) => {
    mapping = { ...mapping, progress };
  };
  const { budget } = definition;
  const anchorer = new Anchorer(
    { ...anchoring, batches: tables.batches, log },
    { name: id, kind: kind.mappingAnchor },
  );
  const parts: MappingParts = {
    ...{ id, definition, budget, store, tables, hash, salts, reader, leaves, findings, now },
    source: new MappedSource(connector, definition, reader),
    pace: (rows) => sleep((rows / budget.rowsPerSecond) * 1_000),
    progress: () => mapping.progress,
    adopt,
    async save(change) {
      const next = { ...mapping.progress, ...change };
      await store.transaction((db) => tables.mappings.saveProgress(db, id, next));
      adopt(next);
    },
    onBatch: () => void anchorer.poke(),
  };
  const setPaused = async (paused: Mapping["paused"]) => {
    await store.transaction((db) => tables.mappings.setPaused(db, id, paused));
    mapping = { ...mapping, paused };
  };
  const worker = new MappingWorker({
    ...{ parts, clock, log },
    pause: (code, detail) => setPaused({ code, detail }),
    isPaused: () => mapping.paused !== null,
    anchor: () => anchorer.poke(),
  });
  return { parts, worker, anchorer, connector, mapping: () => mapping, setPaused };
}
