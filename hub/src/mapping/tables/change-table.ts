import { formatHex } from "@gridledger/protocol/hex";
import type { Knex } from "knex";
import { blob } from "../../store/blob.ts";
import type { MappingStore } from "./mapping-store.ts";

/** A row that somebody said will be changed or removed lawfully. */
export interface DeclaredChange {
  readonly key: Uint8Array;
  readonly actor: string;
  readonly reason: string;
  readonly untilMs: number;
}

/** Changes that were declared through our API and have not been seen yet (guide §9.1). */
export class ChangeTable {
  readonly #store: MappingStore;

  constructor(store: MappingStore) {
    this.#store = store;
  }

  async add(db: Knex, mapping: string, changes: readonly DeclaredChange[]): Promise<void> {
    for (const { key, actor, reason, untilMs } of changes) {
      const row = { mapping, key: blob(key), actor, reason, until_ms: untilMs };
      await db("mapping_changes").insert(row).onConflict(["mapping", "key"]).merge();
    }
  }

  /** Hex of the keys that may change now. */
  async keys(mapping: string, nowMs: number): Promise<Set<string>> {
    const rows: { readonly key: Buffer }[] = await this.#store
      .read("mapping_changes")
      .select("key")
      .where({ mapping })
      .where("until_ms", ">=", nowMs);
    return new Set(rows.map(({ key }) => formatHex(key)));
  }

  async done(db: Knex, mapping: string, keys: readonly Uint8Array[]): Promise<void> {
    for (const key of keys) {
      await db("mapping_changes")
        .where({ mapping, key: blob(key) })
        .delete();
    }
  }
}
