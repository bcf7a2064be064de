import type { MessageHandler } from "./mqtt-filter-table.ts";

/** What a connection to one broker does for us; `mqtt-link` is one. */
export interface Link {
  readonly connected: boolean;
  readonly counters: { readonly bytesIn: number; readonly bytesOut: number };
  start(): void;
  stop(): Promise<void>;
  publish(topic: string, bytes: Uint8Array): boolean;
  subscribe(filter: string, handler: MessageHandler): void;
  onState(callback: (connected: boolean) => void): void;
}

/**
 * One lane over all brokers at once, so that a broker may die (DESIGN §8). Every message goes to each
 * and may come from each: what stands above takes repeated messages for what they are.
 */
export class LinkGroup implements Link {
  readonly #links: readonly Link[];

  constructor(links: readonly Link[]) {
    this.#links = links;
  }

  get connected(): boolean {
    return this.#links.some((link) => link.connected);
  }

  get counters() {
    const counters = { bytesIn: 0, bytesOut: 0 };
    for (const link of this.#links) {
      counters.bytesIn += link.counters.bytesIn;
      counters.bytesOut += link.counters.bytesOut;
    }
    return counters;
  }

  start(): void {
    for (const link of this.#links) link.start();
  }

  async stop(): Promise<void> {
    await Promise.all(this.#links.map((link) => link.stop()));
  }

  /** True when at least one broker took it. */
  publish(topic: string, bytes: Uint8Array): boolean {
    let isTaken = false;
    for (const link of this.#links) isTaken = link.publish(topic, bytes) || isTaken;
    return isTaken;
  }

  subscribe(filter: string, handler: MessageHandler): void {
    for (const link of this.#links) link.subscribe(filter, handler);
  }

  /** Calls back when the first broker is there and when the last is lost. */
  onState(callback: (connected: boolean) => void): void {
    let was = this.connected;
    for (const link of this.#links) {
      link.onState(() => {
        const is = this.connected;
        if (is === was) return;
        was = is;
        callback(is);
      });
    }
  }
}
