import type { Knex } from "knex";
import { blob } from "../../store/blob.ts";

/**
 * How a copy stands. `missing`: on its way · `held`: all of it, checked · `stale`: the holder lacks
 * what it had · `lying`: it gave out what the root does not name · `silent`: it does not answer ·
 * `surplus`: the rule gives it to others · `erasing`: it is to go, and no receipt is on the chain yet ·
 * `erased`: gone under authority.
 */
export type CopyState =
  | "missing"
  | "held"
  | "stale"
  | "lying"
  | "silent"
  | "surplus"
  | "erasing"
  | "erased";

export interface CopyRow {
  readonly root: Uint8Array;
  /** `<identity id>` or `<identity id>/<store>`. */
  readonly holder: string;
  readonly state: CopyState;
  /** A fault code where it is not held. */
  readonly reason: string | null;
  /** How often this copy was found bad. */
  readonly faults: number;
  readonly checkedMs: number;
  /** Since when it stands so. */
  readonly sinceMs: number;
  /** The holder's signed word. */
  readonly statement: Uint8Array | null;
}

interface Columns {
  readonly root: Buffer;
  readonly holder: string;
  readonly state: CopyState;
  readonly reason: string | null;
  readonly faults: number;
  readonly checked_ms: number;
  readonly since_ms: number;
  readonly statement: Buffer | null;
}

/** An object, and how many holders have all of it. */
interface PlacedObject {
  readonly root: Uint8Array;
  readonly held: number;
  /** A copy of it wants something done. */
  readonly isTroubled: boolean;
}

interface TableStore {
  readonly read: Knex;
  transaction<Answer>(work: (db: Knex) => Promise<Answer>): Promise<Answer>;
}

/** What this hub knows of copies. */
export class CopyTable {
  readonly #store: TableStore;

  constructor(store: TableStore) {
    this.#store = store;
  }

  async of(root: Uint8Array): Promise<CopyRow[]> {
    const rows: Columns[] = await this.#store
      .read("copies")
      .where({ root: blob(root) })
      .orderBy("holder");
    return rows.map(openRow);
  }

  /** Durable when it has returned. */
  async set(row: CopyRow): Promise<void> {
    const { root, holder, state, reason, faults, checkedMs, sinceMs, statement } = row;
    const columns = {
      ...{ root: blob(root), holder, state, reason, faults },
      ...{ checked_ms: checkedMs, since_ms: sinceMs, statement: statement && blob(statement) },
    };
    await this.#store.transaction(async (db) => {
      await db("copies").insert(columns).onConflict(["root", "holder"]).merge();
    });
  }

  async forget(root: Uint8Array, holder: string): Promise<void> {
    await this.#store.transaction(async (db) => {
      await db("copies")
        .where({ root: blob(root), holder })
        .delete();
    });
  }

  /** Held copies that were checked longest ago. */
  async leastChecked(limit: number): Promise<CopyRow[]> {
    const rows: Columns[] = await this.#store
      .read("copies")
      .where({ state: "held" })
      .orderBy("checked_ms")
      .limit(limit);
    return rows.map(openRow);
  }

  /** Erased objects of which somebody has not said yet that they are gone. */
  async unerased(limit: number): Promise<Uint8Array[]> {
    const rows: { root: Buffer }[] = await this.#store
      .read("copies")
      .join("object_changes", "object_changes.root", "copies.root")
      .where("object_changes.type", "erasure")
      .whereNot("copies.state", "erased")
      .distinct("copies.root as root")
      .limit(limit);
    return rows.map(({ root }) => root);
  }

  /** How many copies stand in each way. */
  async counts(): Promise<Readonly<Record<string, number>>> {
    const rows: { state: string; n: number }[] = await this.#store
      .read("copies")
      .select("state")
      .count({ n: "*" })
      .groupBy("state");
    return Object.fromEntries(rows.map(({ state, n }) => [state, Number(n)]));
  }

  /** Final objects that were not erased, by root above one. */
  async page(after: Uint8Array, limit: number): Promise<PlacedObject[]> {
    const of = (states: string) =>
      `(select count(*) from copies c where c.root = o.root and c.state in (${states}))`;
    const rows: { root: Buffer; held: number; troubled: number }[] = await this.#store.read.raw(
      `select o.root as root, ${of("'held'")} as held,
         ${of("'missing', 'stale', 'lying', 'surplus'")} as troubled
       from objects o where o.root > ? and not exists (select 1 from object_changes e
         where e.root = o.root and e.type = 'erasure') order by o.root limit ?`,
      [blob(after), limit],
    );
    return rows.map(({ root, held, troubled }) => {
      return { root, held: Number(held), isTroubled: Number(troubled) > 0 };
    });
  }
}

/** For lists by holder: identity id and store. */
export function ownerOf(holder: string): { readonly id: string; readonly store: string } {
  const [id = "", store = ""] = holder.split("/");
  return { id, store };
}

function openRow(row: Columns): CopyRow {
  return {
    ...{ root: row.root, holder: row.holder, state: row.state, reason: row.reason },
    ...{ faults: Number(row.faults), checkedMs: Number(row.checked_ms) },
    ...{ sinceMs: Number(row.since_ms), statement: row.statement },
  };
}
