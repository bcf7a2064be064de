import type { Rule } from "@gridledger/protocol/access/rules";
import type { Knex } from "knex";

/** How many of the newest versions are shown. */
const MAX_SHOWN = 100;

/** The added rules as they once were, and who made them so. */
export interface RuleVersion {
  /** 1, 2, 3 … */
  readonly version: number;
  readonly timeMs: number;
  readonly actor: string;
  readonly note: string;
  readonly rules: readonly Rule[];
}

interface Row {
  readonly version: number;
  readonly time_ms: number;
  readonly actor: string;
  readonly note: string;
  readonly rules: string;
}

interface VersionStore {
  readonly read: Knex;
  transaction<Answer>(work: (db: Knex) => Promise<Answer>): Promise<Answer>;
}

/** Every version of the added rules; none is ever changed. */
export class RuleVersions {
  readonly #store: VersionStore;

  constructor(store: VersionStore) {
    this.#store = store;
  }

  /** @param db the transaction to read in; without one what is durable */
  async latest(db: Knex = this.#store.read): Promise<RuleVersion | undefined> {
    const [row] = await newest(db, 1);
    return row;
  }

  /** Newest first. */
  all(): Promise<RuleVersion[]> {
    return newest(this.#store.read, MAX_SHOWN);
  }

  async add(db: Knex, { version, timeMs, actor, note, rules }: RuleVersion): Promise<void> {
    const row: Row = { version, time_ms: timeMs, actor, note, rules: JSON.stringify(rules) };
    await db("access_rules").insert(row);
  }
}

async function newest(db: Knex, count: number): Promise<RuleVersion[]> {
  const rows: Row[] = await db("access_rules").orderBy("version", "desc").limit(count);
  return rows.map(({ time_ms, rules, ...row }) => ({
    ...row,
    timeMs: Number(time_ms),
    rules: JSON.parse(rules) as Rule[],
  }));
}
