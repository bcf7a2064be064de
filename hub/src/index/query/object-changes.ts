import { formatHex } from "@gridledger/protocol/hex";
import type { Knex } from "knex";
import { blob } from "../../store/blob.ts";
import { placeOf } from "../position.ts";

/** An object may be superseded so many times before a reader stops following. */
const MAX_SUCCESSORS = 1_000;

export interface ErasedObject {
  /** At the end of this block it was decided. */
  readonly height: number;
  readonly legalBasis: string;
}

export interface SupersededObject {
  readonly root: Uint8Array;
  readonly height: number;
  readonly legalBasis: string;
}

export interface ErasureReceiptRow {
  /** Identity id in hex. */
  readonly replica: string;
  readonly height: number;
}

interface ChangeRow {
  readonly root: Buffer;
  readonly height: number;
  readonly successor: Buffer | null;
  readonly legal_basis: string;
}

interface QueryStore {
  readonly read: Knex;
}

/** Amendments and erasures that the chain has decided, guide §9.1. */
export class ObjectChanges {
  readonly #store: QueryStore;

  constructor(store: QueryStore) {
    this.#store = store;
  }

  async erasureOf(root: Uint8Array): Promise<ErasedObject | undefined> {
    const row = await this.#change(root, "erasure");
    return row && { height: Number(row.height), legalBasis: row.legal_basis };
  }

  /** Every root whose bytes nobody may hold. */
  async erasedRoots(): Promise<Uint8Array[]> {
    const rows: { root: Buffer }[] = await this.#store
      .read("object_changes")
      .where({ type: "erasure" })
      .select("root");
    return rows.map(({ root }) => root);
  }

  /** What came after it, the next one first. */
  async successorsOf(root: Uint8Array): Promise<SupersededObject[]> {
    const found: SupersededObject[] = [];
    let at = root;
    while (found.length < MAX_SUCCESSORS) {
      const row = await this.#change(at, "amendment");
      if (!row?.successor) break;
      at = row.successor;
      found.push({ root: at, height: Number(row.height), legalBasis: row.legal_basis });
    }
    return found;
  }

  /** What it superseded itself. */
  async predecessorsOf(root: Uint8Array): Promise<SupersededObject[]> {
    const rows: ChangeRow[] = await this.#store
      .read("object_changes")
      .where({ successor: blob(root), type: "amendment" })
      .orderBy("height");
    return rows.map(({ root: before, height, legal_basis }) => {
      return { root: before, height: Number(height), legalBasis: legal_basis };
    });
  }

  async receiptsOf(root: Uint8Array): Promise<ErasureReceiptRow[]> {
    const rows: { replica: Buffer; position: number }[] = await this.#store
      .read("erasure_receipts")
      .where({ root: blob(root) })
      .orderBy("position");
    return rows.map(({ replica, position }) => {
      return { replica: formatHex(replica), height: placeOf(Number(position)).height };
    });
  }

  async #change(root: Uint8Array, type: string): Promise<ChangeRow | undefined> {
    return this.#store
      .read("object_changes")
      .where({ root: blob(root), type })
      .first();
  }
}
