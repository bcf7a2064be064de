type Handler = (topic: string, payload: Uint8Array) => void;

/** A broker in memory: delivers at once, in order, to whoever subscribed; remembers all it carried. */
export class MemoryBus {
  readonly published: { readonly topic: string; readonly payload: Uint8Array }[] = [];
  readonly #subscriptions: { readonly pattern: RegExp; readonly handler: Handler }[] = [];

  publish(topic: string, payload: Uint8Array): void {
    this.published.push({ topic, payload });
    for (const { pattern, handler } of this.#subscriptions) {
      if (pattern.test(topic)) handler(topic, payload);
    }
  }

  /** Whoever subscribes later does not hear it here. */
  publishRetained(topic: string, payload: Uint8Array): void {
    this.publish(topic, payload);
  }

  subscribe(filter: string, handler: Handler): void {
    const pattern = new RegExp(`^${filter.replaceAll("+", "[^/]+").replace("#", ".*")}$`);
    this.#subscriptions.push({ pattern, handler });
  }

  /** Payloads on topics that match, oldest first. */
  on(pattern: RegExp): Uint8Array[] {
    return this.published.filter(({ topic }) => pattern.test(topic)).map(({ payload }) => payload);
  }
}
