import { decodeReceipt, type Receipt } from "@gridledger/protocol/contracts/receipt";
import type { Knex } from "knex";
import { blob } from "../../store/blob.ts";
import { placeOf, positionOf } from "../position.ts";

const TOPIC_BYTES = 32;

export interface ContractRow {
  readonly address: Uint8Array;
  readonly height: number;
  readonly index: number;
  /** Identity id of who deployed it. */
  readonly creator: Uint8Array;
  readonly txHash: Uint8Array;
}

/** A log by its place: `index` is its running number in the block. */
export interface LogRow {
  readonly height: number;
  readonly index: number;
  readonly txIndex: number;
  readonly address: Uint8Array;
  readonly topics: readonly Uint8Array[];
  readonly data: Uint8Array;
}

/** Which logs are wanted; guide §4.3.4: by contract and by event. */
export interface LogFilter {
  readonly address?: Uint8Array | undefined;
  /** The first topic: the hash of the event's signature. */
  readonly topic?: Uint8Array | undefined;
}

interface LogColumns {
  readonly position: number;
  readonly tx_index: number;
  readonly address: Buffer;
  readonly topics: Buffer;
  readonly data: Buffer;
}

export class ContractQueries {
  readonly #store: { readonly read: Knex };

  constructor(store: { readonly read: Knex }) {
    this.#store = store;
  }

  /** Newest first, below a position. */
  async newest(limit: number, below = Number.MAX_SAFE_INTEGER): Promise<ContractRow[]> {
    const rows = await this.#contracts()
      .where("contracts.position", "<", below)
      .orderBy("contracts.position", "desc")
      .limit(limit);
    return rows.map(openContract);
  }

  async find(address: Uint8Array): Promise<ContractRow | undefined> {
    const [row] = await this.#contracts().where({ address: blob(address) });
    return row && openContract(row);
  }

  async receipt(height: number, index: number): Promise<Receipt | undefined> {
    const row: { encoded: Buffer } | undefined = await this.#store
      .read("receipts")
      .where({ position: positionOf(height, index) })
      .first();
    return row && decodeReceipt(row.encoded);
  }

  /** All receipts of a block, encoded, in order. */
  async receiptsOf(height: number): Promise<Uint8Array[]> {
    const rows: { encoded: Buffer }[] = await this.#store
      .read("receipts")
      .where("position", ">=", positionOf(height, 0))
      .where("position", "<", positionOf(height + 1, 0))
      .orderBy("position");
    return rows.map(({ encoded }) => encoded);
  }

  /** Oldest first, from a place on. */
  async logs(
    { address, topic }: LogFilter,
    from: { readonly height: number; readonly index: number },
    limit: number,
  ): Promise<LogRow[]> {
    const query = this.#store
      .read<LogColumns>("logs")
      .where("position", ">=", positionOf(from.height, from.index))
      .orderBy("position")
      .limit(limit);
    if (address !== undefined) query.where({ address: blob(address) });
    if (topic !== undefined) query.where({ topic: blob(topic) } as object);
    const rows: LogColumns[] = await query;
    return rows.map(openLog);
  }

  /** All logs of a block, in order. */
  async logsOf(height: number): Promise<LogRow[]> {
    const rows: LogColumns[] = await this.#store
      .read<LogColumns>("logs")
      .where("position", ">=", positionOf(height, 0))
      .where("position", "<", positionOf(height + 1, 0))
      .orderBy("position");
    return rows.map(openLog);
  }

  /** The contract's last log in a block below this one. */
  async lastLogBefore(address: Uint8Array, height: number): Promise<LogRow | undefined> {
    const row: LogColumns | undefined = await this.#store
      .read<LogColumns>("logs")
      .where({ address: blob(address) })
      .where("position", "<", positionOf(height, 0))
      .orderBy("position", "desc")
      .first();
    return row && openLog(row);
  }

  #contracts() {
    return this.#store
      .read("contracts")
      .join("transactions", "transactions.position", "contracts.position")
      .select(
        "contracts.address",
        "contracts.position",
        "transactions.sender",
        "transactions.hash",
      );
  }
}

function openContract(row: {
  address: Buffer;
  position: number;
  sender: Buffer;
  hash: Buffer;
}): ContractRow {
  const place = placeOf(Number(row.position));
  return { address: row.address, ...place, creator: row.sender, txHash: row.hash };
}

function openLog(row: LogColumns): LogRow {
  const topics: Uint8Array[] = [];
  for (let at = 0; at < row.topics.length; at += TOPIC_BYTES) {
    topics.push(row.topics.subarray(at, at + TOPIC_BYTES));
  }
  const { address, data } = row;
  return { ...placeOf(Number(row.position)), txIndex: row.tx_index, address, topics, data };
}
