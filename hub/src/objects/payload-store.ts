import { Fault } from "@gridledger/protocol/faults";
import { formatHex } from "@gridledger/protocol/hex";
import type { Knex } from "knex";
import { blob } from "../store/blob.ts";
import { connectFile, makePrivate } from "../store/sqlite-file.ts";
import { storeFault } from "../store/store-fault.ts";
import { ChunkWriter } from "./chunk-writer.ts";

const PRAGMAS = [
  ...["page_size=16384", "journal_mode=wal", "synchronous=full"],
  ...["secure_delete=on", "mmap_size=0", "journal_size_limit=4194304"],
];

/** What belongs to an object and never goes onto the chain. */
export interface Payload {
  readonly root: Uint8Array;
  /** The salts of its chunks follow from it; empty where they have none. */
  readonly secret: Uint8Array;
  /** Leaf hashes of its chunks, one after the other. */
  readonly leaves: Uint8Array;
  /** Bytes of all chunks together. */
  readonly sizeBytes: number;
  /** Signed; what puts it on the chain. */
  readonly transaction: Uint8Array;
  /** The hub's word that it has all of it; undefined before. */
  readonly receipt: Uint8Array | undefined;
}

interface PayloadRow {
  readonly root: Buffer;
  readonly secret: Buffer;
  readonly leaves: Buffer;
  readonly size: number;
  readonly transaction: Buffer;
  readonly receipt: Buffer | null;
}

/**
 * The bytes of objects: chunk by chunk, in a database file of their own, so that what is erased is
 * overwritten (`secure_delete`) and a large object is never mapped into memory as a whole.
 */
export class PayloadStore {
  readonly #file: string;
  readonly #chunks = new ChunkWriter((work) => this.#run((db) => db.transaction(work)));
  #db: Knex | undefined;

  constructor({ file }: { readonly file: string }) {
    this.#file = file;
  }

  /** @throws Fault STORE_CORRUPT, CONFIG_INVALID */
  async start(): Promise<void> {
    try {
      // Confidential bytes stand in it.
      makePrivate(this.#file);
      // One connection: chunks are small and go one after the other.
      this.#db = connectFile(this.#file, { pragmas: PRAGMAS });
      await makeTables(this.#db);
    } catch (thrown) {
      await this.stop();
      throw storeFault(thrown, this.#file);
    }
  }

  async stop(): Promise<void> {
    const db = this.#db;
    this.#db = undefined;
    await db?.destroy();
  }

  /** Durable when it has returned; a payload that is there already stays. */
  async begin(payload: Omit<Payload, "receipt">, nowMs: number): Promise<void> {
    const { root, secret, leaves, sizeBytes, transaction } = payload;
    await this.#run(async (db) => {
      await db("payloads")
        .insert({
          ...{ root: blob(root), secret: blob(secret), leaves: blob(leaves), size: sizeBytes },
          ...{ transaction: blob(transaction), touched_ms: nowMs },
        })
        .onConflict("root")
        .ignore();
    });
  }

  async find(root: Uint8Array): Promise<Payload | undefined> {
    const row: PayloadRow | undefined = await this.#run((db) =>
      db("payloads")
        .where({ root: blob(root) })
        .first(),
    );
    return (
      row && {
        ...{ root: row.root, secret: row.secret, leaves: row.leaves },
        ...{ sizeBytes: Number(row.size), transaction: row.transaction },
        receipt: row.receipt ?? undefined,
      }
    );
  }

  /** Another signature over the same, and the hub's receipt for it. */
  async acknowledge(root: Uint8Array, transaction: Uint8Array, receipt: Uint8Array): Promise<void> {
    const change = { transaction: blob(transaction), receipt: blob(receipt) };
    await this.#run(async (db) => {
      await db("payloads")
        .where({ root: blob(root) })
        .update(change);
    });
  }

  /** Durable when it has returned. @throws Fault OBJECT_UNKNOWN where it is gone, erased say */
  putChunk(root: Uint8Array, index: number, bytes: Uint8Array, nowMs: number): Promise<void> {
    return this.#chunks.put({ root, index, bytes, nowMs });
  }

  async chunk(root: Uint8Array, index: number): Promise<Uint8Array | undefined> {
    const row: { bytes: Buffer } | undefined = await this.#run((db) =>
      db("chunks")
        .where({ root: blob(root), number: index })
        .first("bytes"),
    );
    return row?.bytes;
  }

  /** Indices of the chunks that are here, ascending. */
  async present(root: Uint8Array): Promise<number[]> {
    const rows: { number: number }[] = await this.#run((db) =>
      db("chunks")
        .select("number")
        .where({ root: blob(root) })
        .orderBy("number"),
    );
    return rows.map(({ number }) => Number(number));
  }

  /** Uploads without a receipt, and the bytes that they announced. */
  async unfinished(): Promise<{ readonly count: number; readonly bytes: number }> {
    const [row] = await this.#run((db) =>
      db("payloads")
        .whereNull("receipt")
        .select<{ n: number; bytes: number | null }[]>(db.raw("count(*) as n, sum(size) as bytes")),
    );
    return { count: Number(row?.n ?? 0), bytes: Number(row?.bytes ?? 0) };
  }

  /** Drops uploads that nobody has gone on with; their roots in hex. */
  async forgetUnfinished(beforeMs: number): Promise<string[]> {
    const rows: { root: Buffer }[] = await this.#run((db) =>
      db("payloads").whereNull("receipt").where("touched_ms", "<", beforeMs).select("root"),
    );
    for (const { root } of rows) await this.erase(root);
    return rows.map(({ root }) => formatHex(root));
  }

  /** Overwrites bytes, salts and leaves; nothing of them is in the file when it has returned. */
  async erase(root: Uint8Array): Promise<void> {
    const key = { root: blob(root) };
    await this.#run(async (db) => {
      await db.transaction(async (inOne) => {
        await inOne("chunks").where(key).delete();
        await inOne("payloads").where(key).delete();
      });
      await db.raw("pragma wal_checkpoint(truncate)");
    });
  }

  async #run<Answer>(work: (db: Knex) => Promise<Answer>): Promise<Answer> {
    if (this.#db === undefined) throw new Fault("NOT_READY");
    try {
      return await work(this.#db);
    } catch (thrown) {
      throw storeFault(thrown, this.#file);
    }
  }
}

async function makeTables(db: Knex): Promise<void> {
  await db.raw(`create table if not exists payloads (root blob primary key, secret blob not null,
    leaves blob not null, size integer not null, "transaction" blob not null, receipt blob,
    touched_ms integer not null) without rowid`);
  await db.raw(`create table if not exists chunks (id integer primary key, root blob not null,
    number integer not null, bytes blob not null, unique (root, number))`);
}
