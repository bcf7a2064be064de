import { randomBytes } from "node:crypto";
import { Fault } from "@gridledger/protocol/faults";
import type { LogPattern } from "./log-search.ts";

const MAX_FILTERS = 512;
const MAX_PER_CALLER = 64;
const IDLE_MS = 300_000;
/** Blocks that one poll looks at; a program that was away catches up poll by poll. */
const POLL_BLOCKS = 2_000;

/** Something that a program polls: logs of a pattern, or new blocks. */
export interface PollFilter {
  readonly caller: string;
  /** Undefined: new blocks. */
  readonly pattern: LogPattern | undefined;
  /** The first block of `eth_getFilterLogs`. */
  readonly from: number;
  /** Nothing above it. */
  readonly to: number;
}

interface OpenFilter extends PollFilter {
  /** The first block that has not been told of. */
  next: number;
  usedMs: number;
}

/** Filters that wait to be asked. They hold a place in the chain and nothing of what they find. */
export class Filters {
  readonly #clock: () => number;
  readonly #open = new Map<string, OpenFilter>();

  /** @param clock monotonic time in ms */
  constructor(clock: () => number) {
    this.#clock = clock;
  }

  /** The filter's id. `next` is the first block that it tells of. @throws Fault FILTER_LIMIT */
  add(filter: PollFilter, next: number): string {
    this.#expire();
    const own = [...this.#open.values()].filter(({ caller }) => caller === filter.caller);
    if (own.length >= MAX_PER_CALLER || this.#open.size >= MAX_FILTERS) {
      throw new Fault("FILTER_LIMIT", `${own.length} filters of yours are open`);
    }
    // Nobody guesses the filter of another.
    const id = `0x${randomBytes(16).toString("hex")}`;
    this.#open.set(id, { ...filter, next, usedMs: this.#clock() });
    return id;
  }

  /** @throws Fault FILTER_UNKNOWN */
  get(caller: string, id: string): PollFilter {
    this.#expire();
    const found = this.#open.get(id);
    if (found === undefined || found.caller !== caller) {
      throw new Fault("FILTER_UNKNOWN", "filter not found");
    }
    found.usedMs = this.#clock();
    return found;
  }

  /** The blocks to look at since the last poll; undefined where there is none. @throws Fault FILTER_UNKNOWN */
  due(caller: string, id: string, height: number): readonly [from: number, to: number] | undefined {
    const filter = this.get(caller, id) as OpenFilter;
    const from = filter.next;
    const to = Math.min(height, filter.to, from + POLL_BLOCKS - 1);
    return to < from ? undefined : [from, to];
  }

  /** The program has been told of all up to this block. */
  told(id: string, height: number): void {
    const filter = this.#open.get(id);
    if (filter !== undefined) filter.next = Math.max(filter.next, height + 1);
  }

  remove(caller: string, id: string): boolean {
    return this.#open.get(id)?.caller === caller && this.#open.delete(id);
  }

  #expire(): void {
    const before = this.#clock() - IDLE_MS;
    for (const [id, { usedMs }] of this.#open) if (usedMs < before) this.#open.delete(id);
  }
}
