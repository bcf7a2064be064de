import { chmod, open } from "node:fs/promises";
import { type Row, Sqlite } from "../store/sqlite.ts";

const FILE_MODE = 0o600;
const HASH_BYTES = 32;
/** Little memory, no mapping: a gateway has none to spare. What is deleted is overwritten. */
const SETTINGS = [
  ...["busy_timeout=5000", "page_size=16384", "journal_mode=wal", "synchronous=full"],
  ...["secure_delete=on", "mmap_size=0", "cache_size=-512", "journal_size_limit=2097152"],
];

/** What a holder was given with an object. */
export interface Opening {
  readonly transaction: Uint8Array;
  readonly secret: Uint8Array;
}

export interface ChunkPart {
  readonly bytes: Uint8Array;
  /** Length of the whole chunk. */
  readonly chunkBytes: number;
  readonly path: readonly Uint8Array[];
}

/**
 * Copies of objects in `copies.sqlite`, a file of their own beside the chain's, so that what is erased
 * is overwritten. Opened when it is first needed.
 */
export class CopyStore {
  readonly #file: string;
  readonly #sqlite: Sqlite;
  #opening: Promise<void> | undefined;

  constructor(file: string) {
    this.#file = file;
    this.#sqlite = new Sqlite(file);
  }

  async close(): Promise<void> {
    if (this.#opening === undefined) return;
    await this.#opening.catch(() => undefined);
    await this.#sqlite.close();
  }

  /** Bytes of all objects that were promised a place here. */
  async usedBytes(): Promise<number> {
    const row = await this.#get("SELECT coalesce(sum(size), 0) AS bytes FROM copies");
    return Number(row?.bytes ?? 0);
  }

  async roots(): Promise<Uint8Array[]> {
    await this.#opened();
    const rows = await this.#sqlite.all("SELECT root FROM copies");
    return rows.map(({ root }) => bytesOf(root));
  }

  async find(root: Uint8Array): Promise<Opening | undefined> {
    const row = await this.#get("SELECT tx, secret FROM copies WHERE root = ?", root);
    return row && { transaction: bytesOf(row.tx), secret: bytesOf(row.secret) };
  }

  /** Durable when it has returned; what is there already stays. */
  async keep(root: Uint8Array, opening: Opening, sizeBytes: number): Promise<void> {
    const { transaction, secret } = opening;
    await this.#opened();
    await this.#sqlite.run(
      "INSERT INTO copies (root, tx, secret, size) VALUES (?, ?, ?, ?) ON CONFLICT (root) DO NOTHING",
      [blob(root), blob(transaction), blob(secret), sizeBytes],
    );
  }

  /** Durable when it has returned. */
  async putChunk(
    root: Uint8Array,
    index: number,
    bytes: Uint8Array,
    path: readonly Uint8Array[],
  ): Promise<void> {
    await this.#opened();
    await this.#sqlite.run(
      `INSERT INTO chunks (root, number, bytes, path) VALUES (?, ?, ?, ?)
       ON CONFLICT (root, number) DO UPDATE SET bytes = excluded.bytes, path = excluded.path`,
      [blob(root), index, blob(bytes), Buffer.concat(path)],
    );
  }

  /** Part of a chunk; undefined where the chunk is not here. */
  async read(
    root: Uint8Array,
    index: number,
    { offset, bytes }: { readonly offset: number; readonly bytes: number },
  ): Promise<ChunkPart | undefined> {
    const row = await this.#get(
      `SELECT substr(bytes, ${offset + 1}, ${bytes}) AS part, length(bytes) AS size, path
       FROM chunks WHERE root = ? AND number = ${index}`,
      root,
    );
    if (row === undefined) return undefined;
    return { bytes: bytesOf(row.part), chunkBytes: Number(row.size), path: hashesIn(row.path) };
  }

  /** Index of the first chunk that is not here. */
  async firstMissing(root: Uint8Array): Promise<number> {
    const row = await this.#get(
      `SELECT count(*) AS held, coalesce(max(number), -1) AS last FROM chunks WHERE root = ?`,
      root,
    );
    if (Number(row?.held) === Number(row?.last) + 1) return Number(row?.held);
    const gap = await this.#get(
      `SELECT min(number) AS at FROM (SELECT number + 1 AS number FROM chunks WHERE root = ?1
       UNION SELECT 0) WHERE number NOT IN (SELECT number FROM chunks WHERE root = ?1)`,
      root,
    );
    return Number(gap?.at ?? 0);
  }

  /** When this node first had all of it, Unix time in ms; set by the first call. */
  async completed(root: Uint8Array, nowMs: number): Promise<number> {
    await this.#opened();
    const values = [nowMs, blob(root)];
    await this.#sqlite.run(
      "UPDATE copies SET held_ms = coalesce(held_ms, ?) WHERE root = ?",
      values,
    );
    return Number((await this.#get("SELECT held_ms FROM copies WHERE root = ?", root))?.held_ms);
  }

  /** Overwrites bytes and secret; nothing of them is in the file when it has returned. */
  async erase(root: Uint8Array): Promise<void> {
    await this.#opened();
    await this.#sqlite.transaction(async () => {
      await this.#sqlite.run("DELETE FROM chunks WHERE root = ?", [blob(root)]);
      await this.#sqlite.run("DELETE FROM copies WHERE root = ?", [blob(root)]);
    });
    await this.#sqlite.all("PRAGMA wal_checkpoint(truncate)");
  }

  async #get(sql: string, root?: Uint8Array): Promise<Row | undefined> {
    await this.#opened();
    return this.#sqlite.get(sql, root === undefined ? [] : [blob(root)]);
  }

  #opened(): Promise<void> {
    this.#opening ??= this.#open();
    return this.#opening;
  }

  async #open(): Promise<void> {
    // Before SQLite does, so that only its owner reads it.
    await (await open(this.#file, "a", FILE_MODE)).close();
    await chmod(this.#file, FILE_MODE);
    await this.#sqlite.open();
    for (const setting of SETTINGS) await this.#sqlite.all(`PRAGMA ${setting}`);
    await this.#sqlite.run(`CREATE TABLE IF NOT EXISTS copies (root BLOB PRIMARY KEY,
      tx BLOB NOT NULL, secret BLOB NOT NULL, size INTEGER NOT NULL, held_ms INTEGER) WITHOUT ROWID`);
    await this.#sqlite.run(`CREATE TABLE IF NOT EXISTS chunks (id INTEGER PRIMARY KEY,
      root BLOB NOT NULL, number INTEGER NOT NULL, bytes BLOB NOT NULL, path BLOB NOT NULL,
      UNIQUE (root, number))`);
  }
}

function blob(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function bytesOf(value: unknown): Uint8Array {
  return value instanceof Uint8Array ? value : new Uint8Array(0);
}

function hashesIn(value: unknown): Uint8Array[] {
  const bytes = bytesOf(value);
  return Array.from({ length: bytes.length / HASH_BYTES }, (_, index) =>
    bytes.subarray(index * HASH_BYTES, (index + 1) * HASH_BYTES),
  );
}
