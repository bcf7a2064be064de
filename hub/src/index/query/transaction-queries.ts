import { Fault } from "@gridledger/protocol/faults";
import { equalBytes, formatHex } from "@gridledger/protocol/hex";
import type { Chain } from "@gridledger/protocol/ledger/genesis";
import { leafHash } from "@gridledger/protocol/merkle/tree";
import type { Knex } from "knex";
import { blob } from "../../store/blob.ts";
import { placeOf, positionOf } from "../position.ts";

/** A final transaction without its bytes. */
export interface TransactionRow {
  readonly height: number;
  readonly index: number;
  readonly hash: Uint8Array;
  readonly kind: number;
  /** Identity id in hex. */
  readonly sender: string;
  readonly bytes: number;
  readonly meter: string | null;
  readonly readings: number | null;
}

export interface StoredTransaction extends TransactionRow {
  readonly encoded: Uint8Array;
}

interface RawRow {
  readonly position: number;
  readonly hash: Buffer;
  readonly kind: number;
  readonly sender: Buffer;
  readonly bytes: number;
  readonly meter: string | null;
  readonly readings: number | null;
}

interface QueryStore {
  readonly read: Knex;
}

const summaryColumns = ["position", "hash", "kind", "sender", "bytes", "meter", "readings"];

export class TransactionQueries {
  readonly #store: QueryStore;
  readonly #chain: Chain;

  constructor(store: QueryStore, chain: Chain) {
    this.#store = store;
    this.#chain = chain;
  }

  async byHash(hash: Uint8Array): Promise<StoredTransaction | undefined> {
    const row: (RawRow & { encoded: Buffer }) | undefined = await this.#store
      .read("transactions")
      .where({ hash: blob(hash) })
      .first();
    return row && this.#open(row);
  }

  async at(height: number, index: number): Promise<StoredTransaction | undefined> {
    const row: (RawRow & { encoded: Buffer }) | undefined = await this.#store
      .read("transactions")
      .where({ position: positionOf(height, index) })
      .first();
    return row && this.#open(row);
  }

  async heightOf(hash: Uint8Array): Promise<number | undefined> {
    const row: { position: number } | undefined = await this.#store
      .read("transactions")
      .where({ hash: blob(hash) })
      .first("position");
    return row && placeOf(Number(row.position)).height;
  }

  /** In block order, from `fromIndex` on. */
  async ofBlock(height: number, limit: number, fromIndex = 0): Promise<TransactionRow[]> {
    const rows: RawRow[] = await this.#store
      .read("transactions")
      .select(summaryColumns)
      .where("position", ">=", positionOf(height, fromIndex))
      .where("position", "<", positionOf(height + 1, 0))
      .orderBy("position")
      .limit(limit);
    return rows.map(openRow);
  }

  /** Hash and sender of every transaction of a block: what its tree and its receipts need. */
  async leavesOf(height: number): Promise<Pick<TransactionRow, "hash" | "sender">[]> {
    const rows: { hash: Buffer; sender: Buffer }[] = await this.#store
      .read("transactions")
      .select("hash", "sender")
      .where("position", ">=", positionOf(height, 0))
      .where("position", "<", positionOf(height + 1, 0))
      .orderBy("position");
    return rows.map(({ hash, sender }) => ({ hash, sender: formatHex(sender) }));
  }

  /** Proposals, approvals and orders of organisations, in chain order. */
  async governance(): Promise<StoredTransaction[]> {
    const rows: (RawRow & { encoded: Buffer })[] = await this.#store
      .read("transactions")
      .whereRaw("kind in (3, 4)")
      .orWhereRaw("kind = 24")
      .orderBy("position");
    return rows.map((row) => this.#open(row));
  }

  /** Evidence against validators, newest first; there is an index for its kind. */
  async evidence(limit: number): Promise<StoredTransaction[]> {
    const rows: (RawRow & { encoded: Buffer })[] = await this.#store
      .read("transactions")
      .whereRaw("kind = 5")
      .orderBy("position", "desc")
      .limit(limit);
    return rows.map((row) => this.#open(row));
  }

  /** Records of certificates in chain order; there is an index for their kind. */
  async certificates(): Promise<StoredTransaction[]> {
    const rows: (RawRow & { encoded: Buffer })[] = await this.#store
      .read("transactions")
      .whereRaw("kind = 6")
      .orderBy("position");
    return rows.map((row) => this.#open(row));
  }

  /** What a damaged file gives is never shown as a transaction. */
  #open(row: RawRow & { readonly encoded: Buffer }): StoredTransaction {
    if (!equalBytes(leafHash(this.#chain.suite.hash, row.encoded), row.hash)) {
      const { height } = placeOf(Number(row.position));
      throw new Fault("STORE_CORRUPT", `the index is damaged at a transaction of block ${height}`);
    }
    return { ...openRow(row), encoded: row.encoded };
  }
}

function openRow(row: RawRow): TransactionRow {
  return {
    ...placeOf(Number(row.position)),
    hash: row.hash,
    kind: Number(row.kind),
    sender: formatHex(row.sender),
    bytes: row.bytes,
    meter: row.meter,
    readings: row.readings,
  };
}
