import type { Hash } from "@gridledger/protocol/crypto/suite";
import { asFault, Fault } from "@gridledger/protocol/faults";
import { chunkCount, type ObjectManifest } from "@gridledger/protocol/objects/manifest";
import type { Knex } from "knex";
import { blob } from "../../store/blob.ts";
import type { CopiedChunk, CopyOpening, HeldState, HolderPort } from "./holder-port.ts";

const HASH_BYTES = 32;
const COPIES = "gridledger_copies";
const CHUNKS = "gridledger_copy_chunks";

interface StoreDeps {
  readonly db: Knex;
  readonly hash: Hash;
  /** @throws Fault OBJECT_SHAPE */
  readonly manifestOf: (transaction: Uint8Array) => ObjectManifest;
}

interface StoreOptions {
  readonly name: string;
  /** What all copies together may take. */
  readonly capacityBytes: number;
}

/**
 * A further store of this hub: a second SQLite file, or a PostgreSQL database. What it gives out is
 * checked like a node's: a database of others may be restored from an old backup, or changed.
 */
export class StoreHolder implements HolderPort {
  readonly #deps: StoreDeps;
  readonly #options: StoreOptions;
  #tables: Promise<void> | undefined;

  constructor(deps: StoreDeps, options: StoreOptions) {
    this.#deps = deps;
    this.#options = options;
  }

  async stop(): Promise<void> {
    await this.#deps.db.destroy();
  }

  keep(root: Uint8Array, { transaction, secret }: CopyOpening): Promise<HeldState> {
    return this.#run(async (db) => {
      const manifest = this.#deps.manifestOf(transaction);
      if ((await this.#find(db, root)) === undefined) {
        await this.#checkRoom(db, manifest.sizeBytes);
        const row = { root: blob(root), tx: blob(transaction), secret: blob(secret) };
        await db(COPIES).insert({ ...row, size: manifest.sizeBytes });
      }
      return this.#stateOf(db, root, manifest);
    });
  }

  async put(root: Uint8Array, index: number, { bytes, path }: CopiedChunk): Promise<void> {
    const row = { root: blob(root), number: index, bytes: blob(bytes), path: Buffer.concat(path) };
    await this.#run((db) => db(CHUNKS).insert(row).onConflict(["root", "number"]).merge());
  }

  state(root: Uint8Array): Promise<HeldState> {
    return this.#run(async (db) => {
      const { transaction } = await this.#require(db, root);
      return this.#stateOf(db, root, this.#deps.manifestOf(transaction));
    });
  }

  opening(root: Uint8Array): Promise<CopyOpening> {
    return this.#run((db) => this.#require(db, root));
  }

  chunk(root: Uint8Array, index: number): Promise<CopiedChunk> {
    return this.#run(async (db) => {
      const row: { bytes: Buffer; path: Buffer } | undefined = await db(CHUNKS)
        .where({ root: blob(root), number: index })
        .first("bytes", "path");
      if (row === undefined) throw new Fault("COPY_UNKNOWN", `chunk ${index}`);
      const hashes = row.path.length / HASH_BYTES;
      const path = Array.from({ length: hashes }, (_, at) =>
        row.path.subarray(at * HASH_BYTES, (at + 1) * HASH_BYTES),
      );
      return { bytes: row.bytes, path };
    });
  }

  async digest(root: Uint8Array, index: number, nonce: Uint8Array): Promise<Uint8Array> {
    return this.#deps.hash(nonce, (await this.chunk(root, index)).bytes);
  }

  async drop(root: Uint8Array): Promise<void> {
    await this.erase(root);
  }

  /** Overwritten where the database does so; a SQLite file does. */
  async erase(root: Uint8Array): Promise<void> {
    const key = { root: blob(root) };
    await this.#run(async (db) => {
      await db.transaction(async (inOne) => {
        await inOne(CHUNKS).where(key).delete();
        await inOne(COPIES).where(key).delete();
      });
      if (db.client.config.client === "sqlite3") await db.raw("pragma wal_checkpoint(truncate)");
      else await db.raw(`vacuum ${CHUNKS}`);
    });
  }

  async #stateOf(db: Knex, root: Uint8Array, manifest: ObjectManifest): Promise<HeldState> {
    const rows: { number: number }[] = await db(CHUNKS)
      .where({ root: blob(root) })
      .orderBy("number")
      .select("number");
    const gap = rows.findIndex(({ number }, index) => Number(number) !== index);
    const firstMissing = gap === -1 ? rows.length : gap;
    return { firstMissing: Math.min(firstMissing, chunkCount(manifest)), statement: undefined };
  }

  async #find(db: Knex, root: Uint8Array): Promise<CopyOpening | undefined> {
    const row: { tx: Buffer; secret: Buffer } | undefined = await db(COPIES)
      .where({ root: blob(root) })
      .first("tx", "secret");
    return row && { transaction: row.tx, secret: row.secret };
  }

  async #require(db: Knex, root: Uint8Array): Promise<CopyOpening> {
    const found = await this.#find(db, root);
    if (found === undefined) throw new Fault("COPY_UNKNOWN", this.#options.name);
    return found;
  }

  async #checkRoom(db: Knex, sizeBytes: number): Promise<void> {
    const [row] = await db(COPIES).sum<{ bytes: string | number | null }[]>({ bytes: "size" });
    const bytes = Number(row?.bytes ?? 0) + sizeBytes;
    const { capacityBytes, name } = this.#options;
    if (bytes > capacityBytes) throw new Fault("COPY_SPACE", `${name}: ${bytes} bytes`);
  }

  /** A store that cannot be reached is silent, whatever it says. */
  async #run<Answer>(work: (db: Knex) => Promise<Answer>): Promise<Answer> {
    const { db } = this.#deps;
    try {
      this.#tables ??= makeTables(db);
      await this.#tables;
      return await work(db);
    } catch (thrown) {
      if (thrown instanceof Fault) throw thrown;
      this.#tables = undefined;
      const { message } = asFault(thrown);
      throw new Fault("COPY_SILENT", `${this.#options.name}: ${message}`, { cause: thrown });
    }
  }
}

async function makeTables(db: Knex): Promise<void> {
  if (!(await db.schema.hasTable(COPIES))) {
    await db.schema.createTable(COPIES, (table) => {
      table.binary("root").primary();
      table.binary("tx").notNullable();
      table.binary("secret").notNullable();
      table.bigInteger("size").notNullable();
    });
  }
  if (await db.schema.hasTable(CHUNKS)) return;
  await db.schema.createTable(CHUNKS, (table) => {
    table.binary("root").notNullable();
    table.integer("number").notNullable();
    table.binary("bytes").notNullable();
    table.binary("path").notNullable();
    table.primary(["root", "number"]);
  });
}
