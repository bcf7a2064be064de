import { type StateTable, stateKey } from "@gridledger/protocol/ledger/state";
import type { StateTree, TreeWrite } from "@gridledger/protocol/merkle/state-tree";

/** A changed entry of the state: the new value under a key, undefined where the entry has gone. */
export type StateWrite = TreeWrite;

/** Stands for a value that was deleted. */
const GONE = Symbol("gone");
/** Names come from outside and have no end: of those that name nothing so many are remembered. */
const MAX_ABSENT = 1_024;

/** The state as rules read it. */
export interface StateReader {
  get<Name, Value>(table: StateTable<Name, Value>, name: Name): Value | undefined;
}

/**
 * A state tree with writes that are not in it yet. Values are decoded once and encoded once, however
 * often a block's transactions read and write them; `commit` gives the tree after them.
 */
export class StateView implements StateReader {
  readonly #tree: StateTree;
  readonly #values = new Map<string, unknown>();
  readonly #absent = new Set<string>();
  readonly #written = new Map<string, (value: never) => Uint8Array>();

  #moreSlots = 0;

  constructor(tree: StateTree) {
    this.#tree = tree;
  }

  /** How many slots all contracts hold after the writes so far. */
  get slots(): number {
    return this.#tree.slots + this.#moreSlots;
  }

  /** Whoever writes and deletes slots says how many there are more. */
  countSlots(more: number): void {
    this.#moreSlots += more;
  }

  get<Name, Value>(table: StateTable<Name, Value>, name: Name): Value | undefined {
    const key = table.keyOf(name);
    const known = this.#values.get(key);
    if (known !== undefined) return known === GONE ? undefined : (known as Value);
    if (this.#absent.has(key)) return undefined;
    const encoded = this.#tree.get(stateKey(key));
    if (encoded === undefined) {
      if (this.#absent.size >= MAX_ABSENT) this.#absent.clear();
      this.#absent.add(key);
      return undefined;
    }
    const value = table.decode(encoded);
    this.#values.set(key, value);
    return value;
  }

  set<Name, Value>(table: StateTable<Name, Value>, name: Name, value: Value): void {
    const key = table.keyOf(name);
    this.#values.set(key, value);
    this.#written.set(key, table.encode);
  }

  delete<Name, Value>(table: StateTable<Name, Value>, name: Name): void {
    const key = table.keyOf(name);
    this.#values.set(key, GONE);
    this.#written.set(key, table.encode);
  }

  /** The tree with the writes, and the writes in the order of their first. */
  commit(): { readonly tree: StateTree; readonly writes: readonly StateWrite[] } {
    const writes: StateWrite[] = [];
    for (const [text, encode] of this.#written) {
      // A copy of its own: a key lives for years and must not hold one of Buffer's shared slabs.
      const key = new Uint8Array(stateKey(text));
      const value = this.#values.get(text);
      writes.push({ key, value: value === GONE ? undefined : encode(value as never) });
    }
    return { tree: this.#tree.with(writes), writes };
  }
}
