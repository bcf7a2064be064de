import { BatchTable } from "./batch-table.ts";
import { ChangeTable } from "./change-table.ts";
import { FindingTable } from "./finding-table.ts";
import type { MappingStore } from "./mapping-store.ts";
import { MappingTable } from "./mapping-table.ts";
import { RowTable } from "./row-table.ts";
import { SweepTable } from "./sweep-table.ts";

/** The mapping's tables in the hub's store. */
export class MappingTables {
  readonly mappings: MappingTable;
  readonly batches: BatchTable;
  readonly rows: RowTable;
  readonly changes: ChangeTable;
  readonly sweeps: SweepTable;
  readonly findings: FindingTable;

  constructor(store: MappingStore) {
    this.mappings = new MappingTable(store);
    this.batches = new BatchTable(store);
    this.rows = new RowTable(store);
    this.changes = new ChangeTable(store);
    this.sweeps = new SweepTable(store);
    this.findings = new FindingTable(store);
  }
}
