import type { Crl } from "@gridledger/protocol/pki/crl";
import { blob } from "../../store/blob.ts";
import type { CaStore } from "./ca-store.ts";

/** The last CRL of each issuing authority. */
export class CrlTable {
  readonly #store: CaStore;

  constructor(store: CaStore) {
    this.#store = store;
  }

  async find(authority: string): Promise<Uint8Array | undefined> {
    const row: { encoded: Buffer } | undefined = await this.#store
      .read("crls")
      .where({ authority })
      .first("encoded");
    return row?.encoded;
  }

  /** A CRL replaces the one before only with a larger number. */
  async save(authority: string, crl: Crl): Promise<void> {
    const { number, thisUpdateMs, nextUpdateMs, encoded } = crl;
    const row = {
      ...{ authority, number: Number(number), encoded: blob(encoded) },
      ...{ this_update_ms: thisUpdateMs, next_update_ms: nextUpdateMs },
    };
    await this.#store.transaction((db) => db("crls").insert(row).onConflict("authority").merge());
  }
}
