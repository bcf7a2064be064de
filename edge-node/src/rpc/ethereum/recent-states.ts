import type { Head } from "../../chain/head.ts";
import type { KeptState } from "./ethereum-source.ts";

/** Trees share what did not change, but a block of thousands of readings changes much. */
const STATES_KEPT = 8;

/** The states of the last blocks: a program may ask at the height that it has just seen. */
export class RecentStates {
  readonly #states = new Map<number, KeptState>();

  add({ height, timeMs, hash, tree }: Head): void {
    this.#states.set(height, { height, timeMs, hash, tree });
    this.#states.delete(height - STATES_KEPT);
  }

  at(height: number): KeptState | undefined {
    return this.#states.get(height);
  }
}
