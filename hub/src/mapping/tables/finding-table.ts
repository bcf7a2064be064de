import type { Knex } from "knex";
import { blob } from "../../store/blob.ts";
import type { MappingStore } from "./mapping-store.ts";

/** What was done behind our back. */
export type FindingKind = "changed" | "deleted" | "inserted" | "swapped";

export interface Finding {
  readonly id: number;
  readonly mapping: string;
  readonly key: Uint8Array;
  readonly kind: FindingKind;
  /** Which columns differ, where salts per column tell. */
  readonly columns: readonly string[];
  /** It was sound then: the change lies between this and `foundMs`. */
  readonly sinceMs: number;
  readonly foundMs: number;
  /** Null while it stands. */
  readonly settledMs: number | null;
  readonly settledHow: "restored" | "declared" | null;
  /** JSON: what proves how the row was, and the hash of how it is. */
  readonly evidence: string;
  /** The row as it was found, sealed. */
  readonly copy: Uint8Array | null;
}

export type NewFinding = Omit<Finding, "id" | "settledMs" | "settledHow">;

interface Row {
  readonly id: number;
  readonly mapping: string;
  readonly key: Buffer;
  readonly kind: FindingKind;
  readonly columns: string;
  readonly since_ms: number;
  readonly found_ms: number;
  readonly settled_ms: number | null;
  readonly settled_how: Finding["settledHow"];
  readonly evidence: string;
  readonly copy: Buffer | null;
}

function openRow({ since_ms, found_ms, settled_ms, settled_how, columns, ...row }: Row): Finding {
  return {
    ...row,
    columns: JSON.parse(columns) as string[],
    ...{ sinceMs: Number(since_ms), foundMs: Number(found_ms), settledHow: settled_how },
    settledMs: settled_ms === null ? null : Number(settled_ms),
  };
}

export class FindingTable {
  readonly #store: MappingStore;

  constructor(store: MappingStore) {
    this.#store = store;
  }

  async add(db: Knex, finding: NewFinding): Promise<number> {
    const [id] = await db("mapping_findings").insert({
      ...{ mapping: finding.mapping, key: blob(finding.key), kind: finding.kind },
      columns: JSON.stringify(finding.columns),
      ...{ since_ms: finding.sinceMs, found_ms: finding.foundMs, evidence: finding.evidence },
      copy: finding.copy === null ? null : blob(finding.copy),
    });
    return Number(id);
  }

  async setKind(id: number, kind: FindingKind): Promise<void> {
    await this.#store.transaction((db) => db("mapping_findings").where({ id }).update({ kind }));
  }

  async settle(db: Knex, id: number, nowMs: number, how: Finding["settledHow"]): Promise<void> {
    await db("mapping_findings").where({ id }).update({ settled_ms: nowMs, settled_how: how });
  }

  /** Those that stand. */
  async open(mapping: string): Promise<Finding[]> {
    const rows: Row[] = await this.#store
      .read("mapping_findings")
      .where({ mapping })
      .whereNull("settled_ms");
    return rows.map(openRow);
  }

  /** The newest first, below an id. */
  async page(mapping: string, limit: number, belowId: number | undefined): Promise<Finding[]> {
    const query = this.#store.read("mapping_findings").where({ mapping });
    if (belowId !== undefined) query.where("id", "<", belowId);
    const rows: Row[] = await query.orderBy("id", "desc").limit(limit);
    return rows.map(openRow);
  }
}
