import type { SweepProgress } from "./definition.ts";
import type { Page } from "./mapped-source.ts";
import type { MappingParts } from "./mapping-parts.ts";
import { PageSize } from "./pace.ts";
import { RowJudge } from "./row-judge.ts";

const MISSING_STEP = 200;

/**
 * Looks at every row within the I/O budget, page by page in the order of the keys, and at what should be
 * there and was not met; and at random rows between (guide §9.4). Goes on after a crash where it was.
 */
export class Sweeper {
  readonly #parts: MappingParts;
  readonly #judge: RowJudge;
  readonly #size: PageSize;

  constructor(parts: MappingParts) {
    this.#parts = parts;
    this.#judge = new RowJudge(parts);
    this.#size = new PageSize(parts.budget.rowsPerSecond);
  }

  /** One page. @returns true when the sweep is done @throws Fault DATABASE_*, MAPPING_SCHEMA, … */
  async step(): Promise<boolean> {
    const { source, pace, progress, tables, store, id, definition } = this.#parts;
    const sweep = progress().sweep ?? (await this.#begin());
    await this.#judge.begin();
    const { after } = sweep;
    const limit = this.#size.rows;
    // Behind the last key that was taken there are only news.
    const isByKey = definition.follow.by === "key";
    const upTo = isByKey ? progress().after : null;
    const isEmpty = isByKey && upTo === null;
    const none: Page = { rows: [], isLast: true };
    const { rows, isLast } = isEmpty ? none : await source.rows({ after, upTo, limit });
    const sound = await this.#judge.judgeRows(rows);
    await store.transaction((db) => tables.rows.markSound(db, sweep.number, sound));
    const last = rows.at(-1);
    this.#size.note(rows);
    const next = {
      ...sweep,
      rows: sweep.rows + rows.length,
      after: last === undefined ? after : last.keyValues.map(String),
    };
    if (isLast) {
      await this.#findMissing(next);
      await this.#finish(next, id);
      return true;
    }
    await this.#parts.save({ sweep: next });
    await pace(rows.length);
    return false;
  }

  /** Random rows, so that most changes are found long before the sweep comes by. */
  async sample(count: number): Promise<void> {
    const { tables, id, pace } = this.#parts;
    if (count === 0) return;
    await this.#judge.begin();
    const places = await tables.rows.random(id, count);
    await this.#judge.judgePlaces(places);
    await pace(places.length);
  }

  async #begin(): Promise<SweepProgress> {
    const { source, tables, store, id, now, progress } = this.#parts;
    await source.checkSchema();
    await source.checkKeys();
    const number = (await tables.sweeps.newest(id)) + 1;
    const lastBatch = progress().batch;
    const begun = { number, startedMs: now(), lastBatch, after: null, rows: 0 };
    const next = { ...progress(), sweep: begun };
    await store.transaction(async (db) => {
      await tables.sweeps.begin(db, id, number, begun.startedMs);
      await tables.mappings.saveProgress(db, id, next);
    });
    this.#parts.adopt(next);
    return begun;
  }

  /** What was anchored and did not come by: gone, or changed and reported already. */
  async #findMissing(sweep: SweepProgress): Promise<void> {
    const { tables, id, pace, store } = this.#parts;
    for (let after = 0; ; ) {
      const places = await tables.rows.unseen(id, sweep, after, MISSING_STEP);
      const last = places.at(-1);
      if (last === undefined) return;
      const sound = await this.#judge.judgePlaces(places);
      await store.transaction((db) => tables.rows.markSound(db, sweep.number, sound));
      after = last.id;
      await pace(places.length);
    }
  }

  async #finish(sweep: SweepProgress, id: string): Promise<void> {
    const { tables, store, now, progress, source } = this.#parts;
    const tableRows = await source.count();
    const ms = now();
    const next = { ...progress(), sweep: null, lastSweepMs: ms, tableRows };
    await store.transaction(async (db) => {
      await tables.sweeps.finish(db, id, sweep.number, { ms, rows: sweep.rows });
      await tables.mappings.saveProgress(db, id, next);
    });
    this.#parts.adopt(next);
  }
}
