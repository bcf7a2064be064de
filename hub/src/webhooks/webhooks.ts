import { randomBytes } from "node:crypto";
import { Fault } from "@gridledger/protocol/faults";
import type { Clock } from "../clock.ts";
import type { ContractIndex } from "../index/contracts/contract-index.ts";
import type { Log } from "../log.ts";
import type { AuditLog } from "../logs/audit-log.ts";
import { checkUrl, makePost, type Post, type PostRules } from "./post.ts";
import { formatSecret } from "./signature.ts";
import { WebhookSender } from "./webhook-sender.ts";
import {
  type QueuedEvent,
  type Webhook,
  type WebhookStore,
  WebhookTable,
} from "./webhook-table.ts";

/** In hexadecimal: an id is an argument of commands and must not begin with a hyphen. */
const ID_BYTES = 6;
const SECRET_BYTES = 32;
const MAX_OF_AN_ACCOUNT = 20;

interface WebhooksDeps {
  readonly store: WebhookStore;
  readonly contracts: Pick<ContractIndex, "onLogs"> & {
    readonly queries: Pick<ContractIndex["queries"], "logs">;
  };
  readonly audit: Pick<AuditLog, "append">;
  readonly clock: Clock;
  readonly log: Log;
  readonly post?: Post;
}

export interface NewWebhook {
  readonly url: string;
  readonly address: Uint8Array | undefined;
  readonly topic: Uint8Array | undefined;
  readonly alarms: boolean;
  /** The height whose logs come first. */
  readonly fromHeight: number;
}

export interface WebhookState {
  readonly webhook: Webhook;
  readonly waiting: number;
  readonly dead: number;
  /** What the receiver did last time, while something waits. */
  readonly lastError: string | null;
}

/** Events by HTTP for those who do not keep a connection open (guide §4.3.4): signed, retried, never dropped. */
export class Webhooks {
  readonly #deps: WebhooksDeps;
  readonly #rules: PostRules;
  readonly #table: WebhookTable;
  readonly #post: Post;
  readonly #senders = new Map<string, WebhookSender>();
  #unlisten: () => unknown = () => undefined;

  constructor(deps: WebhooksDeps, rules: PostRules) {
    this.#deps = deps;
    this.#rules = rules;
    this.#table = new WebhookTable(deps.store);
    this.#post = deps.post ?? makePost(rules);
  }

  async start(): Promise<void> {
    for (const { id } of await this.#table.all()) this.#send(id);
    this.#unlisten = this.#deps.contracts.onLogs(() => {
      for (const sender of this.#senders.values()) sender.wake();
    });
  }

  async stop(): Promise<void> {
    this.#unlisten();
    await Promise.all([...this.#senders.values()].map((sender) => sender.stop()));
    this.#senders.clear();
  }

  /** The secret is told once. @throws Fault WEBHOOK_URL, WEBHOOK_LIMIT */
  async add(account: string, wanted: NewWebhook): Promise<{ state: WebhookState; secret: string }> {
    checkUrl(wanted.url, this.#rules);
    const { store, audit, clock } = this.#deps;
    const of = await this.of(account);
    if (of.length >= MAX_OF_AN_ACCOUNT) throw new Fault("WEBHOOK_LIMIT");
    const { fromHeight, ...rest } = wanted;
    const webhook: Webhook = {
      ...{ ...rest, account, id: randomBytes(ID_BYTES).toString("hex") },
      secret: randomBytes(SECRET_BYTES),
      next: { height: fromHeight, index: 0 },
      createdMs: clock.now(),
    };
    await store.transaction(async (db) => {
      await this.#table.add(db, webhook);
      const event = { category: "user", actor: account, action: "webhook.add" } as const;
      await audit.append(db, { ...event, target: webhook.id, result: "done", detail: wanted.url });
    });
    this.#send(webhook.id);
    return { state: await this.#stateOf(webhook), secret: formatSecret(webhook.secret) };
  }

  async of(account: string): Promise<WebhookState[]> {
    const own = (await this.#table.all()).filter((hook) => hook.account === account);
    return Promise.all(own.map((hook) => this.#stateOf(hook)));
  }

  /** @throws Fault NOT_FOUND */
  async remove(account: string, id: string): Promise<void> {
    await this.#own(account, id);
    await this.#senders.get(id)?.stop();
    this.#senders.delete(id);
    const { store, audit } = this.#deps;
    await store.transaction(async (db) => {
      await this.#table.remove(db, id);
      const event = { category: "user", actor: account, action: "webhook.remove" } as const;
      await audit.append(db, { ...event, target: id, result: "done" });
    });
  }

  /** Events that were given up, oldest first. @throws Fault NOT_FOUND */
  async deadLetters(
    account: string,
    id: string,
    page: { readonly limit: number; readonly from: number },
  ): Promise<QueuedEvent[]> {
    await this.#own(account, id);
    return this.#table.deadLetters(id, page.limit, page.from);
  }

  /** Tries all of them again. @returns how many. @throws Fault NOT_FOUND */
  async retry(account: string, id: string): Promise<number> {
    await this.#own(account, id);
    const revived = await this.#deps.store.transaction((db) => this.#table.revive(db, id));
    this.#senders.get(id)?.wake();
    return revived;
  }

  /** Tells every webhook that wants alarms, each once however often the same id is handed in. */
  async raise(type: string, id: string, data: object): Promise<void> {
    const hooks = (await this.#table.all()).filter(({ alarms }) => alarms);
    if (hooks.length === 0) return;
    const text = JSON.stringify(data);
    await this.#deps.store.transaction(async (db) => {
      for (const hook of hooks) {
        const event = { event: `${hook.id}.${id}`, type, data: text };
        await this.#table.queue(db, hook.id, { events: [event] });
      }
    });
    for (const { id: hook } of hooks) this.#senders.get(hook)?.wake();
  }

  async #stateOf(webhook: Webhook): Promise<WebhookState> {
    const [waiting, dead, first] = await Promise.all([
      this.#table.countWaiting(webhook.id),
      this.#table.countDead(webhook.id),
      this.#table.first(webhook.id),
    ]);
    return { webhook, waiting, dead, lastError: first?.lastError ?? null };
  }

  async #own(account: string, id: string): Promise<void> {
    const hook = await this.#table.find(id);
    if (hook?.account !== account) throw new Fault("NOT_FOUND", "you have no such webhook");
  }

  #send(id: string): void {
    const { store, contracts, clock, log } = this.#deps;
    const deps = { table: this.#table, store, logs: contracts.queries, post: this.#post };
    const sender = new WebhookSender({ ...deps, clock, log }, id);
    this.#senders.set(id, sender);
    sender.wake();
  }
}
