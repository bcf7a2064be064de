import type { FaultCode } from "@gridledger/protocol/faults";
import { formatHex } from "@gridledger/protocol/hex";
import type { Knex } from "knex";
import { blob } from "../store/blob.ts";
import { insertRows } from "../store/insert-rows.ts";

/** A transaction the hub keeps until it is final. */
export interface Spooled {
  /** Hex. */
  readonly hash: string;
  readonly encoded: Uint8Array;
  readonly validUntilHeight: number;
  readonly createdMs: number;
}

export interface Refusal {
  readonly code: FaultCode;
  readonly detail: string;
}

export interface OutboxEntry extends Spooled {
  /** null while it is sent. */
  readonly refusal: Refusal | null;
}

interface Row {
  readonly hash: Buffer;
  readonly encoded: Buffer;
  readonly valid_until: number;
  readonly created_ms: number;
  readonly state: "spooled" | "refused";
  readonly code: FaultCode | null;
  readonly detail: string | null;
}

const outboxTable = {
  table: "outbox",
  columns: [
    ...["hash", "encoded", "valid_until", "created_ms"],
    ...["state", "code", "detail", "refused_ms"],
  ],
  onConflict: `on conflict (hash) do update set
    state = excluded.state, created_ms = excluded.created_ms, code = null, detail = null, refused_ms = null`,
};

interface TableStore {
  readonly read: Knex;
  transaction<Answer>(work: (db: Knex) => Promise<Answer>): Promise<Answer>;
}

/** The durable spool. A method has returned only when its change is on the disk. */
export class OutboxTable {
  readonly #store: TableStore;
  #putting: Spooled[] = [];
  #nextPut: Promise<void> | undefined;
  #lastPut: Promise<void> = Promise.resolve();

  constructor(store: TableStore) {
    this.#store = store;
  }

  async spooled(): Promise<Spooled[]> {
    const rows: Row[] = await this.#store.read("outbox").where({ state: "spooled" });
    return rows.map(openRow);
  }

  async find(hash: Uint8Array): Promise<OutboxEntry | undefined> {
    const row: Row | undefined = await this.#store
      .read("outbox")
      .where({ hash: blob(hash) })
      .first();
    return row && openRow(row);
  }

  /**
   * A refused one that is handed in again gets another chance. What is put while the disk is busy goes
   * into its next write together: a hundred callers wait for one fsync, not for a hundred.
   */
  put(entry: Spooled): Promise<void> {
    this.#putting.push(entry);
    this.#nextPut ??= this.#lastPut
      .catch(() => {})
      .then(() => {
        const entries = this.#putting;
        this.#putting = [];
        this.#nextPut = undefined;
        return this.#putAll(entries);
      });
    this.#lastPut = this.#nextPut;
    return this.#nextPut;
  }

  async #putAll(entries: readonly Spooled[]): Promise<void> {
    const rows = entries.map(({ hash, encoded, validUntilHeight, createdMs }) => [
      ...[Buffer.from(hash, "hex"), blob(encoded), validUntilHeight, createdMs],
      ...["spooled", null, null, null],
    ]);
    await this.#store.transaction((db) => insertRows(db, outboxTable, rows));
  }

  async refuse(hash: string, { code, detail }: Refusal, refusedMs: number): Promise<void> {
    const change = { state: "refused", code, detail, refused_ms: refusedMs };
    await this.#store.transaction((db) =>
      db("outbox")
        .where({ hash: Buffer.from(hash, "hex") })
        .update(change),
    );
  }

  async remove(hashes: readonly string[]): Promise<void> {
    const all = hashes.map((hash) => Buffer.from(hash, "hex"));
    await this.#store.transaction(async (db) => {
      for (let at = 0; at < all.length; at += 500) {
        await db("outbox")
          .whereIn("hash", all.slice(at, at + 500))
          .delete();
      }
    });
  }

  /** Forgets what was refused before `beforeMs`. */
  async forgetRefused(beforeMs: number): Promise<void> {
    await this.#store.transaction((db) =>
      db("outbox").where({ state: "refused" }).where("refused_ms", "<", beforeMs).delete(),
    );
  }
}

function openRow(row: Row): OutboxEntry {
  return {
    hash: formatHex(row.hash),
    encoded: row.encoded,
    validUntilHeight: Number(row.valid_until),
    createdMs: Number(row.created_ms),
    refusal: row.code === null ? null : { code: row.code, detail: row.detail ?? "" },
  };
}
