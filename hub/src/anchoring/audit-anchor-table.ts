import type { Knex } from "knex";
import { blob } from "../store/blob.ts";

/** An anchor of the audit log as the hub keeps it. */
export interface StoredAnchor {
  /** Counted from 1. */
  readonly batch: number;
  readonly firstLine: number;
  readonly lines: number;
  readonly salt: Uint8Array;
  readonly payload: Uint8Array;
  /** As signed; null before it was sent first. */
  readonly tx: Uint8Array | null;
  /** Null until it is final. */
  readonly height: number | null;
}

interface Row extends Omit<StoredAnchor, "firstLine"> {
  readonly first_line: number;
}

interface AnchorStore {
  readonly read: Knex;
  transaction<Answer>(work: (db: Knex) => Promise<Answer>): Promise<Answer>;
}

const TABLE = "audit_anchors";

/** Anchors of the hub's one audit log, in order. */
export class AuditAnchorTable {
  readonly #store: AnchorStore;

  constructor(store: AnchorStore) {
    this.#store = store;
  }

  async add({ batch, firstLine, lines, salt, payload }: Omit<StoredAnchor, "tx" | "height">) {
    const row = { batch, first_line: firstLine, lines, salt: blob(salt), payload: blob(payload) };
    await this.#store.transaction((db) => db(TABLE).insert(row));
  }

  async last(): Promise<StoredAnchor | undefined> {
    const row: Row | undefined = await this.#store.read(TABLE).orderBy("batch", "desc").first();
    return row && openRow(row);
  }

  /** The first that is not final. */
  async firstOpen(): Promise<StoredAnchor | undefined> {
    const open = this.#store.read(TABLE).whereNull("height");
    const row: Row | undefined = await open.orderBy("batch").first();
    return row && openRow(row);
  }

  /** At most `limit` after this batch, ascending. */
  async after(batch: number, limit: number): Promise<StoredAnchor[]> {
    const found = this.#store.read(TABLE).where("batch", ">", batch);
    const rows: Row[] = await found.orderBy("batch").limit(limit);
    return rows.map(openRow);
  }

  async setSent(_name: string, batch: number, tx: Uint8Array): Promise<void> {
    await this.#store.transaction((db) =>
      db(TABLE)
        .where({ batch })
        .update({ tx: blob(tx) }),
    );
  }

  async setFinal(_name: string, batch: number, height: number, blockMs: number): Promise<void> {
    await this.#store.transaction((db) =>
      db(TABLE).where({ batch }).update({ height, block_ms: blockMs }),
    );
  }
}

function openRow({ first_line, ...row }: Row): StoredAnchor {
  return { ...row, firstLine: first_line };
}
