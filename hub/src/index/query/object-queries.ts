import { formatHex } from "@gridledger/protocol/hex";
import type { Chain } from "@gridledger/protocol/ledger/genesis";
import { decodeTransaction } from "@gridledger/protocol/ledger/transaction";
import { decodeManifest, type ObjectManifest } from "@gridledger/protocol/objects/manifest";
import type { Knex } from "knex";
import { blob } from "../../store/blob.ts";
import { placeOf, positionOf } from "../position.ts";

/** An object that is on the chain. */
export interface FinalObject {
  readonly height: number;
  readonly index: number;
  readonly txHash: Uint8Array;
  /** Identity id in hex. */
  readonly owner: string;
  readonly manifest: ObjectManifest;
}

export interface ObjectFilter {
  /** Identity id in hex. */
  readonly owner?: string | undefined;
  readonly name?: string | undefined;
}

interface Row {
  readonly position: number;
  readonly hash: Buffer;
  readonly owner: Buffer;
  readonly encoded: Buffer;
}

interface QueryStore {
  readonly read: Knex;
}

/** Data objects, guide §4.4.2. */
export class ObjectQueries {
  readonly #store: QueryStore;
  readonly #chain: Chain;

  constructor(store: QueryStore, chain: Chain) {
    this.#store = store;
    this.#chain = chain;
  }

  async byRoot(root: Uint8Array): Promise<FinalObject | undefined> {
    return this.#first((query) => query.where("objects.root", blob(root)));
  }

  /** By the place in its address. */
  async byPlace(height: number, index: number): Promise<FinalObject | undefined> {
    return this.#first((query) => query.where("objects.position", positionOf(height, index)));
  }

  async byTransaction(hash: Uint8Array): Promise<FinalObject | undefined> {
    return this.#first((query) => query.where("transactions.hash", blob(hash)));
  }

  /** Newest first, below a position. */
  async newest(filter: ObjectFilter, limit: number, below?: number): Promise<FinalObject[]> {
    const query = this.#rows().orderBy("objects.position", "desc").limit(limit);
    if (below !== undefined) query.where("objects.position", "<", below);
    if (filter.owner !== undefined) query.where("owner", Buffer.from(filter.owner, "hex"));
    if (filter.name !== undefined) query.where("name", filter.name);
    const rows: Row[] = await query;
    return rows.map((row) => this.#open(row));
  }

  async #first(
    narrow: (query: Knex.QueryBuilder) => Knex.QueryBuilder,
  ): Promise<FinalObject | undefined> {
    const row: Row | undefined = await narrow(this.#rows()).first();
    return row && this.#open(row);
  }

  #rows(): Knex.QueryBuilder {
    return this.#store
      .read("objects")
      .join("transactions", "transactions.position", "objects.position")
      .select("objects.position", "objects.owner", "transactions.hash", "transactions.encoded");
  }

  #open(row: Row): FinalObject {
    const { payload } = decodeTransaction(this.#chain.suite, row.encoded);
    return {
      ...placeOf(Number(row.position)),
      txHash: row.hash,
      owner: formatHex(row.owner),
      manifest: decodeManifest(payload),
    };
  }
}
