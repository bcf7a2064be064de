import type { Knex } from "knex";
import { blob } from "../store/blob.ts";

/** A place among the logs: the running number in its block. */
interface Place {
  readonly height: number;
  readonly index: number;
}

export interface Webhook {
  readonly id: string;
  readonly account: string;
  readonly url: string;
  readonly secret: Uint8Array;
  /** Logs of this contract only. */
  readonly address: Uint8Array | undefined;
  /** Logs with this first topic only. */
  readonly topic: Uint8Array | undefined;
  readonly alarms: boolean;
  /** The first log that has not been queued yet. */
  readonly next: Place;
  readonly createdMs: number;
}

/** What one webhook is to be told. */
export interface QueuedEvent {
  readonly position: number;
  readonly event: string;
  readonly type: string;
  /** JSON. */
  readonly data: string;
  readonly tries: number;
  readonly nextTryMs: number;
  readonly lastError: string | null;
  /** When it was given up. */
  readonly deadMs: number | null;
}

export type NewEvent = Pick<QueuedEvent, "event" | "type" | "data">;

interface HookRow {
  readonly id: string;
  readonly account: string;
  readonly url: string;
  readonly secret: Buffer;
  readonly address: Buffer | null;
  readonly topic: Buffer | null;
  readonly alarms: number | boolean;
  readonly next_height: number;
  readonly next_index: number;
  readonly created_ms: number;
}

interface EventRow {
  readonly position: number;
  readonly event: string;
  readonly type: string;
  readonly data: string;
  readonly tries: number;
  readonly next_try_ms: number;
  readonly last_error: string | null;
  readonly dead_ms: number | null;
}

export interface WebhookStore {
  readonly read: Knex;
  transaction<Answer>(work: (db: Knex) => Promise<Answer>): Promise<Answer>;
}

/** Webhooks and their queues. What changes runs within the caller's transaction. */
export class WebhookTable {
  readonly #store: WebhookStore;

  constructor(store: WebhookStore) {
    this.#store = store;
  }

  async all(): Promise<Webhook[]> {
    const rows: HookRow[] = await this.#store.read("webhooks").orderBy("created_ms");
    return rows.map(openHook);
  }

  async find(id: string): Promise<Webhook | undefined> {
    const row: HookRow | undefined = await this.#store.read("webhooks").where({ id }).first();
    return row && openHook(row);
  }

  async add(db: Knex, hook: Webhook): Promise<void> {
    await db("webhooks").insert({
      ...{ id: hook.id, account: hook.account, url: hook.url, secret: blob(hook.secret) },
      address: hook.address === undefined ? null : blob(hook.address),
      topic: hook.topic === undefined ? null : blob(hook.topic),
      ...{ alarms: hook.alarms, created_ms: hook.createdMs },
      ...{ next_height: hook.next.height, next_index: hook.next.index },
    });
  }

  async remove(db: Knex, id: string): Promise<void> {
    await db("webhook_events").where({ webhook: id }).delete();
    await db("webhooks").where({ id }).delete();
  }

  /** Queues the events, each once however often it is handed in, and says where the next one stands. */
  async queue(
    db: Knex,
    id: string,
    { events, next }: { readonly events: readonly NewEvent[]; readonly next?: Place },
  ): Promise<void> {
    for (const event of events) {
      const row = { ...event, webhook: id, tries: 0, next_try_ms: 0 };
      await db("webhook_events").insert(row).onConflict(["webhook", "event"]).ignore();
    }
    if (next === undefined) return;
    const place = { next_height: next.height, next_index: next.index };
    await db("webhooks").where({ id }).update(place);
  }

  /** The event that is to be told next. */
  async first(id: string): Promise<QueuedEvent | undefined> {
    const row: EventRow | undefined = await this.#waiting(id).orderBy("position").first();
    return row && openEvent(row);
  }

  async countWaiting(id: string): Promise<number> {
    return count(this.#waiting(id));
  }

  async countDead(id: string): Promise<number> {
    return count(this.#dead(id));
  }

  /** Oldest first, from a position on. */
  async deadLetters(id: string, limit: number, from = 0): Promise<QueuedEvent[]> {
    const rows: EventRow[] = await this.#dead(id)
      .where("position", ">=", from)
      .orderBy("position")
      .limit(limit);
    return rows.map(openEvent);
  }

  async told(db: Knex, { position }: QueuedEvent): Promise<void> {
    await db("webhook_events").where({ position }).delete();
  }

  async failed(
    db: Knex,
    { position, tries }: QueuedEvent,
    how: { readonly error: string; readonly nextTryMs: number; readonly deadMs: number | null },
  ): Promise<void> {
    await db("webhook_events")
      .where({ position })
      .update({
        tries: tries + 1,
        last_error: how.error.slice(0, 200),
        next_try_ms: how.nextTryMs,
        dead_ms: how.deadMs,
      });
  }

  /** All that was given up waits again. */
  async revive(db: Knex, id: string): Promise<number> {
    const dead = db("webhook_events").where({ webhook: id }).whereNotNull("dead_ms");
    return dead.update({ dead_ms: null, tries: 0, next_try_ms: 0 });
  }

  #waiting(id: string) {
    return this.#store.read("webhook_events").where({ webhook: id }).whereNull("dead_ms");
  }

  #dead(id: string) {
    return this.#store.read("webhook_events").where({ webhook: id }).whereNotNull("dead_ms");
  }
}

async function count(query: Knex.QueryBuilder): Promise<number> {
  const rows: { readonly number: number }[] = await query.count({ number: "*" });
  return Number(rows[0]?.number ?? 0);
}

function openHook(row: HookRow): Webhook {
  return {
    ...{ id: row.id, account: row.account, url: row.url, secret: row.secret },
    ...{ address: row.address ?? undefined, topic: row.topic ?? undefined },
    alarms: Boolean(row.alarms),
    next: { height: Number(row.next_height), index: Number(row.next_index) },
    createdMs: Number(row.created_ms),
  };
}

function openEvent(row: EventRow): QueuedEvent {
  return {
    ...{ position: row.position, event: row.event, type: row.type, data: row.data },
    ...{ tries: row.tries, nextTryMs: Number(row.next_try_ms), lastError: row.last_error },
    deadMs: row.dead_ms === null ? null : Number(row.dead_ms),
  };
}
