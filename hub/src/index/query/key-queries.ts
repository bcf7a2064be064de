import { identityId } from "@gridledger/protocol/crypto/identity-id";
import { Fault } from "@gridledger/protocol/faults";
import { equalBytes } from "@gridledger/protocol/hex";
import { decodeIdentity } from "@gridledger/protocol/ledger/enrolment";
import type { Chain } from "@gridledger/protocol/ledger/genesis";
import { FIRST_EPOCH, type IdentityKey } from "@gridledger/protocol/ledger/identity-keys";
import { kind } from "@gridledger/protocol/ledger/kinds";
import { decodeTransaction } from "@gridledger/protocol/ledger/transaction";
import type { Knex } from "knex";
import { blob } from "../../store/blob.ts";
import { rotatedKeys } from "../key-rows.ts";
import { placeOf } from "../position.ts";
import type { StoredTransaction, TransactionQueries } from "./transaction-queries.ts";

const MAX_BLOCK_TRANSACTIONS = 65_536;

interface KeyQueriesDeps {
  readonly chain: Chain;
  readonly store: { readonly read: Knex };
  readonly transactions: Pick<TransactionQueries, "at" | "ofBlock">;
}

interface IdentityKeyRow {
  readonly public_key: Buffer;
  readonly suite: number | null;
  readonly since_height: number;
}

/** Where identities have their keys from. */
export class KeyQueries {
  readonly #deps: KeyQueriesDeps;

  constructor(deps: KeyQueriesDeps) {
    this.#deps = deps;
  }

  /**
   * What gave an identity the key that it signs a height with: the enrolment, where it is not of the
   * genesis, then rotations. @throws Fault STORE_CORRUPT
   */
  async recordsOf(identity: Uint8Array, height: number): Promise<StoredTransaction[]> {
    const { store, transactions } = this.#deps;
    const enrolment = await this.#enrolmentOf(identity);
    const records = enrolment === undefined ? [] : [enrolment];
    for (const { fromHeight, position } of await rotatedKeys(store.read, identity)) {
      if (fromHeight > height) break;
      const { height: at, index } = placeOf(position);
      const rotation = await transactions.at(at, index);
      if (rotation === undefined) throw new Fault("STORE_CORRUPT", `block ${at} lost a rotation`);
      records.push(rotation);
    }
    return records;
  }

  /** In the order in which they count: of the past, of now, and one that waits. */
  async ofIdentity(identity: Uint8Array): Promise<IdentityKey[]> {
    const { chain, store } = this.#deps;
    const row: IdentityKeyRow | undefined = await store
      .read("identities")
      .where({ id: blob(identity) })
      .first("public_key", "suite", "since_height");
    if (row === undefined) return [];
    const { public_key: publicKey, suite } = row;
    const suiteId = suite ?? chain.suite.id;
    const first = { epoch: FIRST_EPOCH, suiteId, publicKey, fromHeight: Number(row.since_height) };
    return [first, ...(await rotatedKeys(store.read, identity))];
  }

  /** Hash of the rotation that brought the key; undefined for the first one. */
  async rotationOf(identity: Uint8Array, epoch: number): Promise<Uint8Array | undefined> {
    const { store, transactions } = this.#deps;
    const rotated = await rotatedKeys(store.read, identity);
    const found = rotated.find((key) => key.epoch === epoch);
    if (found === undefined) return undefined;
    const { height, index } = placeOf(found.position);
    return (await transactions.at(height, index))?.hash;
  }

  /** Of the last block at or before the time; undefined where there is none. */
  async lastHeightBefore(timeMs: number): Promise<number | undefined> {
    const row: { height: number } | undefined = await this.#deps.store
      .read("blocks")
      .where("time_ms", "<=", timeMs)
      .orderBy("height", "desc")
      .first("height");
    return row && Number(row.height);
  }

  /** Of blocks, by height. */
  async timesOf(heights: readonly number[]): Promise<ReadonlyMap<number, number>> {
    const rows: { height: number; time_ms: number }[] = await this.#deps.store
      .read("blocks")
      .whereIn("height", [...new Set(heights)])
      .select("height", "time_ms");
    return new Map(rows.map((row) => [Number(row.height), Number(row.time_ms)]));
  }

  async #enrolmentOf(identity: Uint8Array): Promise<StoredTransaction | undefined> {
    const { store, transactions } = this.#deps;
    const row: { since_height: number } | undefined = await store
      .read("identities")
      .where({ id: blob(identity) })
      .first("since_height");
    const height = Number(row?.since_height ?? 0);
    if (height === 0) return undefined;
    for (const { index, kind: number } of await transactions.ofBlock(
      height,
      MAX_BLOCK_TRANSACTIONS,
    )) {
      if (number !== kind.enrolment) continue;
      const found = await transactions.at(height, index);
      if (found !== undefined && this.#enrols(found, identity)) return found;
    }
    return undefined;
  }

  #enrols({ encoded }: StoredTransaction, identity: Uint8Array): boolean {
    const { suite } = this.#deps.chain;
    const { publicKey } = decodeIdentity(decodeTransaction(suite, encoded).payload);
    return equalBytes(identityId(suite.hash, publicKey), identity);
  }
}
