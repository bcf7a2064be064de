import type { Action } from "../ports.ts";
import type { Electorate } from "./electorate.ts";

/** Asks for missing transactions: the proposer first, then with every retransmission the next one. */
export class BodyFetcher {
  readonly #electorate: Electorate;
  readonly #emit: (action: Action) => void;
  #asked = 0;
  #isWaiting = false;

  constructor(electorate: Electorate, emit: (action: Action) => void) {
    this.#electorate = electorate;
    this.#emit = emit;
  }

  /** The answer is overdue: the next `fetch` asks somebody else. */
  askAgain(): void {
    this.#isWaiting = false;
  }

  fetch(round: number, txHashes: readonly Uint8Array[]): void {
    if (this.#isWaiting) return;
    this.#isWaiting = true;
    const { size, self } = this.#electorate;
    let index = (this.#electorate.proposer(round) + this.#asked++) % size;
    if (index === self) index = (this.#electorate.proposer(round) + this.#asked++) % size;
    if (index === self) return;
    this.#emit({ type: "fetch", publisher: this.#electorate.publisherOf(index), txHashes });
  }
}
