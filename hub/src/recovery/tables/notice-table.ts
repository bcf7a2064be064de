import type { Knex } from "knex";
import type { RecoveryStore } from "./recovery-store.ts";

export type NoticeKind = "kept" | "asked" | "released" | "bad-share" | "completed";

/** Something that an identity is told about a kept key. */
export interface Notice {
  /** Grows with every notice. */
  readonly position: number;
  /** Identity id in hex. */
  readonly told: string;
  readonly what: NoticeKind;
  readonly publicKey: string;
  readonly request: string | null;
  /** Who did it: identity id in hex. */
  readonly by: string;
  readonly detail: string;
  readonly timeMs: number;
}

interface Row extends Omit<Notice, "publicKey" | "timeMs"> {
  readonly public_key: string;
  readonly time_ms: number;
}

export class NoticeTable {
  readonly #store: RecoveryStore;

  constructor(store: RecoveryStore) {
    this.#store = store;
  }

  /** Inside the caller's transaction. @param told everybody once */
  async add(
    db: Knex,
    told: readonly string[],
    notice: Omit<Notice, "position" | "told">,
  ): Promise<void> {
    const { what, publicKey, request, by, detail, timeMs } = notice;
    for (const one of new Set(told)) {
      const row = { told: one, what, public_key: publicKey, request, by, detail, time_ms: timeMs };
      await db("recovery_notices").insert(row);
    }
  }

  /** The newest first. */
  async of(told: string, limit: number): Promise<Notice[]> {
    const rows: Row[] = await this.#store
      .read("recovery_notices")
      .where({ told })
      .orderBy("position", "desc")
      .limit(limit);
    return rows.map(({ public_key, time_ms, ...row }) => {
      return { ...row, publicKey: public_key, timeMs: Number(time_ms) };
    });
  }
}
