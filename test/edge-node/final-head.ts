import assert from "node:assert/strict";
import { decodeHeader, type Header } from "@gridledger/protocol/ledger/header";
import { decodeDecide } from "@gridledger/protocol/messages/decide";
import { filters } from "@gridledger/protocol/topics";
import { type startNetwork, until } from "./processes.ts";
import { Meter } from "./support.ts";

type Network = Awaited<ReturnType<typeof startNetwork>>;

/** The newest header that a network announces, and readings that move it. */
export class FinalHead {
  readonly #net: Network;
  readonly #blockMs: number;
  #header: Header | undefined;

  /** @param blockMs a block comes within */
  constructor(net: Network, blockMs: number) {
    this.#net = net;
    this.#blockMs = blockMs;
    net.observer.subscribe(filters.decides("test"), (_, bytes) => {
      const header = decodeHeader(decodeDecide(bytes).encodedHeader);
      if (header.height > this.height) this.#header = header;
    });
  }

  get height(): number {
    return this.#header?.height ?? 0;
  }

  get header(): Header {
    assert.ok(this.#header !== undefined, "a block is final");
    return this.#header;
  }

  /** So many blocks more, by readings of a new meter of this name. */
  async makeBlocks(count: number, name: string): Promise<void> {
    const meter = new Meter(this.#net.chain, this.#net.devices[0]!, name);
    for (let i = 0; i < count; i++) {
      const before = this.height;
      this.#net.submit([meter.next()]);
      const what = `block ${before + 1} for ${name}`;
      await until(what, () => this.height > before, this.#blockMs);
    }
  }
}
