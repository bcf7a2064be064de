import type { RunQueue } from "./run-queue.ts";

/** What waits of one sender. */
export interface SenderAccount {
  count: number;
  readonly queues: Map<string, RunQueue>;
}

/** Waiting transactions by sender, so that one of them cannot fill the pool. */
export class SenderAccounts {
  readonly #accounts = new Map<string, SenderAccount>();

  countOf(sender: string): number {
    return this.#accounts.get(sender)?.count ?? 0;
  }

  find(sender: string, run: string): RunQueue | undefined {
    return this.#accounts.get(sender)?.queues.get(run);
  }

  enter(sender: string): SenderAccount {
    let account = this.#accounts.get(sender);
    if (account === undefined) {
      account = { count: 0, queues: new Map() };
      this.#accounts.set(sender, account);
    }
    account.count++;
    return account;
  }

  leave(sender: string): void {
    const account = this.#accounts.get(sender);
    if (account === undefined) return;
    account.count--;
    if (account.count === 0) this.#accounts.delete(sender);
  }

  drop(queue: RunQueue): void {
    this.#accounts.get(queue.owner)?.queues.delete(queue.run);
  }
}
