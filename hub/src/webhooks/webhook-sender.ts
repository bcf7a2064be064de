import { asFault } from "@gridledger/protocol/faults";
import type { Clock } from "../clock.ts";
import { logView } from "../feed/log-view.ts";
import type { ContractQueries } from "../index/contracts/contract-queries.ts";
import type { Log } from "../log.ts";
import type { Post } from "./post.ts";
import { signedHeaders } from "./signature.ts";
import type {
  NewEvent,
  QueuedEvent,
  Webhook,
  WebhookStore,
  WebhookTable,
} from "./webhook-table.ts";

/** As many wait at most; further logs stay in the index until there is room. */
const MAX_WAITING = 100;
const MAX_TRIES = 8;
const FIRST_PAUSE_MS = 5_000;
const MAX_PAUSE_MS = 900_000;
/** With so many given up, the next one waits for its receiver instead. */
const MAX_DEAD = 1_000;

interface SenderDeps {
  readonly table: WebhookTable;
  readonly store: WebhookStore;
  readonly logs: Pick<ContractQueries, "logs">;
  readonly post: Post;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Tells one webhook its events, one after the other and in their order. A log is queued in the same
 * transaction that says which log is next, and an event leaves the queue when the receiver has said
 * 2xx: none is lost, and one that comes twice because a stop came between has the same `webhook-id`.
 */
export class WebhookSender {
  readonly #deps: SenderDeps;
  readonly #id: string;
  #isStopped = false;
  #isWanted = false;
  #running: Promise<void> | undefined;
  #cancel: () => void = () => {};

  constructor(deps: SenderDeps, id: string) {
    this.#deps = deps;
    this.#id = id;
  }

  /** There may be news. */
  wake(): void {
    this.#isWanted = true;
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
      if (this.#isWanted && !this.#isStopped) this.wake();
    });
  }

  /** Waits for the try that is under way. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#cancel();
    await this.#running;
  }

  async #run(): Promise<void> {
    this.#cancel();
    const { table, clock, log } = this.#deps;
    try {
      while (!this.#isStopped) {
        this.#isWanted = false;
        const hook = await table.find(this.#id);
        if (hook === undefined) return;
        await this.#refill(hook);
        const event = await table.first(hook.id);
        if (event === undefined) {
          if (this.#isWanted) continue;
          return;
        }
        const waitMs = event.nextTryMs - clock.now();
        if (waitMs > 0) return this.#later(waitMs);
        await this.#tell(hook, event);
      }
    } catch (thrown) {
      const { code, message } = asFault(thrown);
      log.warn({ webhook: this.#id, code, detail: message }, "a webhook's queue cannot be read");
      this.#later(FIRST_PAUSE_MS);
    }
  }

  #later(ms: number): void {
    this.#cancel();
    if (!this.#isStopped) this.#cancel = this.#deps.clock.after(ms, () => this.wake());
  }

  async #refill({ id, address, topic, next }: Webhook): Promise<void> {
    const { table, store, logs } = this.#deps;
    const room = MAX_WAITING - (await table.countWaiting(id));
    if (room <= 0) return;
    const rows = await logs.logs({ address, topic }, next, room);
    const last = rows.at(-1);
    if (last === undefined) return;
    const events = rows.map((row): NewEvent => {
      const event = `${id}.${row.height}.${row.index}`;
      return { event, type: "contract.log", data: JSON.stringify(logView(row)) };
    });
    const place = { height: last.height, index: last.index + 1 };
    await store.transaction((db) => table.queue(db, id, { events, next: place }));
  }

  async #tell(hook: Webhook, event: QueuedEvent): Promise<void> {
    const { table, store, post, clock } = this.#deps;
    const body = `{"type":${JSON.stringify(event.type)},"data":${event.data}}`;
    const headers = signedHeaders(hook.secret, { id: event.event, timeMs: clock.now(), body });
    const error = await post(hook.url, headers, body).then(
      (status) => (status >= 200 && status < 300 ? undefined : `the receiver answered ${status}`),
      (thrown: Error) => thrown.message || thrown.name,
    );
    if (error === undefined) {
      await store.transaction((db) => table.told(db, event));
      return;
    }
    const isOver = event.tries + 1 >= MAX_TRIES && (await table.countDead(hook.id)) < MAX_DEAD;
    const pauseMs = Math.min(MAX_PAUSE_MS, FIRST_PAUSE_MS * 2 ** event.tries);
    const nowMs = clock.now();
    const how = { error, nextTryMs: nowMs + pauseMs, deadMs: isOver ? nowMs : null };
    await store.transaction((db) => table.failed(db, event, how));
  }
}
