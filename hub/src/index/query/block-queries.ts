import { CborReader } from "@gridledger/protocol/cbor/reader";
import { Fault } from "@gridledger/protocol/faults";
import { equalBytes } from "@gridledger/protocol/hex";
import type { Chain } from "@gridledger/protocol/ledger/genesis";
import { decodeHeader, type Header } from "@gridledger/protocol/ledger/header";
import { readSeal, type Seal } from "@gridledger/protocol/ledger/seal";
import type { Knex } from "knex";

/** A block without its transactions. */
export interface StoredBlock {
  readonly hash: Uint8Array;
  readonly header: Header;
  readonly encodedHeader: Uint8Array;
  readonly seal: Seal;
  readonly readings: number;
  readonly bytes: number;
}

interface BlockRow {
  readonly height: number;
  readonly hash: Buffer;
  readonly readings: number;
  readonly bytes: number;
  readonly header: Buffer;
  readonly seal: Buffer;
}

interface QueryStore {
  readonly read: Knex;
}

export class BlockQueries {
  readonly #store: QueryStore;
  readonly #chain: Chain;

  constructor(store: QueryStore, chain: Chain) {
    this.#store = store;
    this.#chain = chain;
  }

  async byHeight(height: number): Promise<StoredBlock | undefined> {
    const row: BlockRow | undefined = await this.#store.read("blocks").where({ height }).first();
    return row && this.#open(row);
  }

  /** Newest first, below `beforeHeight`. */
  async newest(limit: number, beforeHeight = Number.MAX_SAFE_INTEGER): Promise<StoredBlock[]> {
    const rows: BlockRow[] = await this.#store
      .read("blocks")
      .where("height", "<", beforeHeight)
      .orderBy("height", "desc")
      .limit(limit);
    return rows.map((row) => this.#open(row));
  }

  /** Oldest first, above `afterHeight`. */
  async after(afterHeight: number, limit: number): Promise<StoredBlock[]> {
    const rows: BlockRow[] = await this.#store
      .read("blocks")
      .where("height", ">", afterHeight)
      .orderBy("height")
      .limit(limit);
    return rows.map((row) => this.#open(row));
  }

  /** What a damaged file gives is never shown as a block. */
  #open(row: BlockRow): StoredBlock {
    if (!equalBytes(this.#chain.suite.hash(row.header), row.hash)) {
      throw new Fault("STORE_CORRUPT", `the index is damaged at block ${row.height}`);
    }
    return {
      hash: row.hash,
      header: decodeHeader(row.header),
      encodedHeader: row.header,
      seal: readSeal(new CborReader(row.seal)),
      readings: row.readings,
      bytes: row.bytes,
    };
  }
}
