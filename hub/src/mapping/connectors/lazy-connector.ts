import type { Connector } from "./connector.ts";

/** Opens the database at the first question: one that is not in the list any more stops nobody else. */
export class LazyConnector implements Connector {
  readonly #connect: () => Connector;
  #connector: Connector | undefined;

  constructor(connect: () => Connector) {
    this.#connect = connect;
  }

  async columns(...asked: Parameters<Connector["columns"]>) {
    return this.#get().columns(...asked);
  }

  async isUnique(...asked: Parameters<Connector["isUnique"]>) {
    return this.#get().isUnique(...asked);
  }

  async page(...asked: Parameters<Connector["page"]>) {
    return this.#get().page(...asked);
  }

  async bytes(...asked: Parameters<Connector["bytes"]>) {
    return this.#get().bytes(...asked);
  }

  async byKeys(...asked: Parameters<Connector["byKeys"]>) {
    return this.#get().byKeys(...asked);
  }

  async last(...asked: Parameters<Connector["last"]>) {
    return this.#get().last(...asked);
  }

  async count(...asked: Parameters<Connector["count"]>) {
    return this.#get().count(...asked);
  }

  async mayWrite(...asked: Parameters<Connector["mayWrite"]>) {
    return this.#get().mayWrite(...asked);
  }

  async hasNullKey(...asked: Parameters<Connector["hasNullKey"]>) {
    return this.#get().hasNullKey(...asked);
  }

  async close(): Promise<void> {
    await this.#connector?.close();
    this.#connector = undefined;
  }

  #get(): Connector {
    this.#connector ??= this.#connect();
    return this.#connector;
  }
}
