import type { Knex } from "knex";
import { blob } from "../../store/blob.ts";
import type { RecoveryStore } from "./recovery-store.ts";

/** Somebody asks for a kept key. */
export interface StoredRequest {
  readonly id: string;
  /** Hex. */
  readonly publicKey: string;
  /** Identity id in hex. */
  readonly requester: string;
  /** The account that handed it in. */
  readonly askedBy: string;
  /** Hex. */
  readonly recipientKey: string;
  readonly reason: string;
  readonly legalBasis: string;
  readonly createdMs: number;
  readonly expiresMs: number;
  readonly txHash: Uint8Array;
  /** Of the record that the key is back. */
  readonly completedTx: Uint8Array | null;
}

/** A custodian's share on its way, sealed to the requester's new key. */
export interface StoredRelease {
  readonly place: number;
  readonly sealed: Uint8Array;
  readonly txHash: Uint8Array;
  /** The requester says that it does not fit the commitments. */
  readonly isBad: boolean;
}

interface RequestRow {
  readonly id: string;
  readonly public_key: string;
  readonly requester: string;
  readonly asked_by: string;
  readonly recipient_key: string;
  readonly reason: string;
  readonly legal_basis: string;
  readonly created_ms: number;
  readonly expires_ms: number;
  readonly tx_hash: Buffer;
  readonly completed_tx: Buffer | null;
}

interface ReleaseRow {
  readonly place: number;
  readonly sealed: Buffer;
  readonly tx_hash: Buffer;
  readonly bad: number;
}

function openRow(row: RequestRow): StoredRequest {
  const { id, requester, reason } = row;
  return {
    ...{ id, requester, reason, publicKey: row.public_key, askedBy: row.asked_by },
    ...{ recipientKey: row.recipient_key, legalBasis: row.legal_basis },
    ...{ createdMs: Number(row.created_ms), expiresMs: Number(row.expires_ms) },
    ...{ txHash: row.tx_hash, completedTx: row.completed_tx },
  };
}

export class RecoveryRequestTable {
  readonly #store: RecoveryStore;

  constructor(store: RecoveryStore) {
    this.#store = store;
  }

  /** This and all that change something: inside the caller's transaction. */
  async add(db: Knex, request: Omit<StoredRequest, "completedTx">): Promise<void> {
    const { id, publicKey, requester, askedBy, recipientKey, reason, legalBasis } = request;
    await db("recovery_requests").insert({
      ...{ id, requester, reason, public_key: publicKey, asked_by: askedBy },
      ...{ recipient_key: recipientKey, legal_basis: legalBasis },
      ...{ created_ms: request.createdMs, expires_ms: request.expiresMs },
      tx_hash: blob(request.txHash),
    });
  }

  async find(id: string): Promise<StoredRequest | undefined> {
    const row: RequestRow | undefined = await this.#store
      .read("recovery_requests")
      .where({ id })
      .first();
    return row && openRow(row);
  }

  /** The newest first. @param publicKeys hex; without them everybody's */
  async list(publicKeys: readonly string[] | undefined, limit: number): Promise<StoredRequest[]> {
    const query = this.#store.read("recovery_requests").orderBy("created_ms", "desc").limit(limit);
    if (publicKeys !== undefined) query.whereIn("public_key", publicKeys);
    const rows: RequestRow[] = await query;
    return rows.map(openRow);
  }

  async complete(db: Knex, id: string, txHash: Uint8Array): Promise<void> {
    await db("recovery_requests")
      .where({ id })
      .update({ completed_tx: blob(txHash) });
  }

  /** By place. */
  async releases(request: string): Promise<StoredRelease[]> {
    const rows: ReleaseRow[] = await this.#store
      .read("released_shares")
      .where({ request })
      .orderBy("place");
    return rows.map(({ place, sealed, tx_hash, bad }) => {
      return { place, sealed, txHash: tx_hash, isBad: bad === 1 };
    });
  }

  /** In the place of one that the chain refused. */
  async putRelease(
    db: Knex,
    request: string,
    release: Omit<StoredRelease, "isBad">,
  ): Promise<void> {
    const { place, sealed, txHash } = release;
    const row = { request, place, sealed: blob(sealed), tx_hash: blob(txHash), bad: 0 };
    await db("released_shares").insert(row).onConflict(["request", "place"]).merge();
  }

  async markBad(db: Knex, request: string, places: readonly number[]): Promise<void> {
    await db("released_shares").where({ request }).whereIn("place", places).update({ bad: 1 });
  }
}
