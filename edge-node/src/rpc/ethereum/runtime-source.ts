import type { Chain } from "@gridledger/protocol/ledger/genesis";
import type { Head } from "../../chain/head.ts";
import type { ViewParts } from "../runtime-view.ts";
import type { EthereumSource, KeptState } from "./ethereum-source.ts";
import { RecentStates } from "./recent-states.ts";

/** A running node, read at the moment of each question. */
export class RuntimeSource implements EthereumSource {
  readonly #parts: ViewParts;
  readonly #states = new RecentStates();
  readonly #waiters = new Set<() => void>();

  constructor(parts: ViewParts) {
    this.#parts = parts;
    this.#states.add(parts.ledger.head);
    parts.ledger.onImported(({ head }) => {
      this.#states.add(head);
      for (const wake of this.#waiters) wake();
    });
  }

  get chain(): Chain {
    return this.#parts.chain;
  }
  get head(): Head {
    return this.#parts.ledger.head;
  }
  get firstHeight(): number {
    return this.#parts.store.firstHeight;
  }
  get records(): EthereumSource["records"] {
    return this.#parts.store.contracts;
  }

  stateAt(height: number): KeptState | undefined {
    return this.#states.at(height);
  }

  nextHead(timeoutMs: number): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        clearTimeout(timer);
        this.#waiters.delete(wake);
        resolve();
      };
      const timer = setTimeout(wake, timeoutMs);
      this.#waiters.add(wake);
    });
  }

  stored(): Promise<void> {
    return this.#parts.ledger.stored;
  }

  async readBlock(height: number): Promise<Uint8Array | undefined> {
    return (await this.#parts.store.read(height, 1, 1))[0];
  }

  blockHash(height: number): Promise<Uint8Array | undefined> {
    return this.#parts.store.hashAt(height);
  }

  waitingOf(account: string): number {
    return this.#parts.pool.waitingOf(account, account);
  }

  isWaiting(key: string): boolean {
    return this.#parts.pool.get(key) !== undefined;
  }

  carry(raw: Uint8Array): string {
    return this.#parts.carry(raw);
  }
}
