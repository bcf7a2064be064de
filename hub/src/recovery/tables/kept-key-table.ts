import { formatHex } from "@gridledger/protocol/hex";
import type { Custodian } from "@gridledger/protocol/recovery/recovery-plan";
import type { Knex } from "knex";
import { blob } from "../../store/blob.ts";
import type { RecoveryStore } from "./recovery-store.ts";

/** An encryption key that custodians keep, with what only they and its owner can open. */
export interface StoredKey {
  /** Hex. */
  readonly publicKey: string;
  readonly label: string;
  /** Identity id in hex. */
  readonly owner: string;
  /** As many as custodians are needed. */
  readonly commitments: readonly Uint8Array[];
  /** By place, from 1. */
  readonly custodians: readonly Custodian[];
  readonly box: Uint8Array;
  readonly sealedShares: readonly Uint8Array[];
  /** Of its record. */
  readonly txHash: Uint8Array;
  readonly createdMs: number;
}

interface Row {
  readonly public_key: string;
  readonly label: string;
  readonly owner: string;
  readonly commitments: string;
  readonly custodians: string;
  readonly box: Buffer;
  readonly sealed_shares: string;
  readonly tx_hash: Buffer;
  readonly created_ms: number;
}

function openRow(row: Row): StoredKey {
  const hexes = JSON.parse(row.commitments) as string[];
  const custodians = JSON.parse(row.custodians) as [string, string][];
  const shares = JSON.parse(row.sealed_shares) as string[];
  return {
    ...{ publicKey: row.public_key, label: row.label, owner: row.owner, box: row.box },
    commitments: hexes.map((one) => Buffer.from(one, "hex")),
    custodians: custodians.map(([id, organisation]) => {
      return { id: Buffer.from(id, "hex"), organisation };
    }),
    sealedShares: shares.map((one) => Buffer.from(one, "base64url")),
    txHash: row.tx_hash,
    createdMs: Number(row.created_ms),
  };
}

export class KeptKeyTable {
  readonly #store: RecoveryStore;

  constructor(store: RecoveryStore) {
    this.#store = store;
  }

  /** Inside the caller's transaction; in the place of one that the chain refused. */
  async put(db: Knex, key: StoredKey): Promise<void> {
    const row = {
      ...{ public_key: key.publicKey, label: key.label, owner: key.owner },
      commitments: JSON.stringify(key.commitments.map(formatHex)),
      custodians: JSON.stringify(
        key.custodians.map(({ id, organisation }) => [formatHex(id), organisation]),
      ),
      box: blob(key.box),
      sealed_shares: JSON.stringify(
        key.sealedShares.map((one) => Buffer.from(one).toString("base64url")),
      ),
      tx_hash: blob(key.txHash),
      created_ms: key.createdMs,
    };
    await db("kept_keys").insert(row).onConflict("public_key").merge();
  }

  async find(publicKey: string): Promise<StoredKey | undefined> {
    const row: Row | undefined = await this.#store
      .read("kept_keys")
      .where({ public_key: publicKey })
      .first();
    return row && openRow(row);
  }

  /** The newest first. @param owner identity id in hex; without it everybody's */
  async list(owner: string | undefined, limit: number): Promise<StoredKey[]> {
    const query = this.#store.read("kept_keys").orderBy("created_ms", "desc").limit(limit);
    if (owner !== undefined) query.where({ owner });
    const rows: Row[] = await query;
    return rows.map(openRow);
  }
}
