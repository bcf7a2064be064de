import type { Knex } from "knex";
import type { Mapping, MappingDefinition, Progress } from "../definition.ts";
import type { MappingStore } from "./mapping-store.ts";

interface Row {
  readonly id: string;
  readonly name: string;
  readonly definition: string;
  readonly progress: string;
  readonly created_ms: number;
  readonly created_by: string;
  readonly paused_code: string | null;
  readonly paused_detail: string;
}

function openRow(row: Row): Mapping {
  return {
    ...{ id: row.id, name: row.name, createdMs: Number(row.created_ms), createdBy: row.created_by },
    definition: JSON.parse(row.definition) as MappingDefinition,
    progress: JSON.parse(row.progress) as Progress,
    paused: row.paused_code === null ? null : { code: row.paused_code, detail: row.paused_detail },
  };
}

export class MappingTable {
  readonly #store: MappingStore;

  constructor(store: MappingStore) {
    this.#store = store;
  }

  async list(): Promise<Mapping[]> {
    const rows: Row[] = await this.#store.read("mappings").orderBy("name");
    return rows.map(openRow);
  }

  /** By id or by name. */
  async find(id: string): Promise<Mapping | undefined> {
    const row: Row | undefined = await this.#store
      .read("mappings")
      .where({ id })
      .orWhere({ name: id })
      .first();
    return row && openRow(row);
  }

  async add(db: Knex, mapping: Omit<Mapping, "paused">): Promise<void> {
    await db("mappings").insert({
      ...{ id: mapping.id, name: mapping.name, created_ms: mapping.createdMs },
      created_by: mapping.createdBy,
      definition: JSON.stringify(mapping.definition),
      progress: JSON.stringify(mapping.progress),
    });
  }

  async saveProgress(db: Knex, id: string, progress: Progress): Promise<void> {
    await db("mappings")
      .where({ id })
      .update({ progress: JSON.stringify(progress) });
  }

  /** Null lets it go on. */
  async setPaused(db: Knex, id: string, paused: Mapping["paused"]): Promise<void> {
    const { code = null, detail = "" } = paused ?? {};
    await db("mappings").where({ id }).update({ paused_code: code, paused_detail: detail });
  }
}
