import type { Knex } from "knex";
import { blob } from "../../store/blob.ts";
import type { MappingStore } from "./mapping-store.ts";

/** A batch as it was anchored. */
export interface StoredBatch {
  readonly mapping: string;
  readonly batch: number;
  /** `MappingAnchor`. */
  readonly payload: Uint8Array;
  /** Leaf hashes one after the other, 32 bytes each. */
  readonly leaves: Uint8Array;
  /** Commitments of the rows one after the other, a fixed number of them a row. */
  readonly commitments: Uint8Array;
}

/** Where its transaction is. */
export interface AnchorState {
  readonly batch: number;
  readonly payload: Uint8Array;
  /** As signed; null before it was sent first. */
  readonly tx: Uint8Array | null;
  /** Null until it is final. */
  readonly height: number | null;
  readonly blockMs: number | null;
}

interface StateRow extends Omit<AnchorState, "blockMs"> {
  readonly block_ms: number | null;
}

function openState({ block_ms, ...row }: StateRow): AnchorState {
  return { ...row, blockMs: block_ms === null ? null : Number(block_ms) };
}

const STATE = ["batch", "payload", "tx", "height", "block_ms"];

export class BatchTable {
  readonly #store: MappingStore;

  constructor(store: MappingStore) {
    this.#store = store;
  }

  async add(db: Knex, { mapping, batch, payload, leaves, commitments }: StoredBatch) {
    const bytes = { payload: blob(payload), leaves: blob(leaves), commitments: blob(commitments) };
    await db("mapping_batches").insert({ mapping, batch, ...bytes });
  }

  /** Without its commitments, which are many bytes and rarely needed. */
  async leavesOf(mapping: string, batch: number) {
    const row: Pick<StoredBatch, "payload" | "leaves"> | undefined = await this.#store
      .read("mapping_batches")
      .select("payload", "leaves")
      .where({ mapping, batch })
      .first();
    return row;
  }

  /** The commitments of one row. */
  async commitmentsOf(mapping: string, batch: number, place: number, bytes: number) {
    const row: { readonly part: Buffer } | undefined = await this.#store
      .read("mapping_batches")
      .select(this.#store.read.raw("substr(commitments, ?, ?) as part", [place * bytes + 1, bytes]))
      .where({ mapping, batch })
      .first();
    return row?.part ?? Buffer.alloc(0);
  }

  async state(mapping: string, batch: number): Promise<AnchorState | undefined> {
    const row: StateRow | undefined = await this.#store
      .read("mapping_batches")
      .select(STATE)
      .where({ mapping, batch })
      .first();
    return row && openState(row);
  }

  /** The first that is not final. */
  async firstOpen(mapping: string): Promise<AnchorState | undefined> {
    const row: StateRow | undefined = await this.#store
      .read("mapping_batches")
      .select(STATE)
      .where({ mapping })
      .whereNull("height")
      .orderBy("batch")
      .first();
    return row && openState(row);
  }

  async setSent(mapping: string, batch: number, tx: Uint8Array): Promise<void> {
    await this.#store.transaction((db) =>
      db("mapping_batches")
        .where({ mapping, batch })
        .update({ tx: blob(tx) }),
    );
  }

  async setFinal(mapping: string, batch: number, height: number, blockMs: number): Promise<void> {
    await this.#store.transaction((db) =>
      db("mapping_batches").where({ mapping, batch }).update({ height, block_ms: blockMs }),
    );
  }

  /** Rows in final batches, all rows, and when the last batch became final. */
  async coverage(mapping: string) {
    const [row]: { provable: number | null; mapped: number | null }[] = await this.#store
      .read("mapping_rows as r")
      .join("mapping_batches as b", (on) =>
        on.on("b.mapping", "r.mapping").andOn("b.batch", "r.batch"),
      )
      .where({ "r.mapping": mapping, "r.removed": false })
      .select(
        this.#store.read.raw(
          "sum(case when b.height is null then 0 else 1 end) as provable, count(*) as mapped",
        ),
      );
    const [last]: { at: number | null }[] = await this.#store
      .read("mapping_batches")
      .where({ mapping })
      .max("block_ms as at");
    return {
      provable: Number(row?.provable ?? 0),
      mapped: Number(row?.mapped ?? 0),
      lastAnchoredMs: last?.at == null ? null : Number(last.at),
    };
  }
}
