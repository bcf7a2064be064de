import { CborReader } from "../cbor/reader.ts";
import { CborWriter } from "../cbor/writer.ts";
import { equalBytes } from "../hex.ts";
import type { StateTable } from "./state.ts";
import { quorum, type Validator } from "./validators.ts";

const PUBLIC_KEY_BYTES = 33;
const MAX_ENTRIES = 128;
/** Own turns for which a validator is passed over after its first miss; doubled with each further one. */
const FIRST_PAUSE_TURNS = 4;
const MAX_PAUSE_TURNS = 256;
/** The table has one entry. */
const ONLY = "";

/** A validator that missed its turn to propose and has not proposed since. */
export interface MissedTurns {
  readonly publicKey: Uint8Array;
  /** In a row. */
  readonly misses: number;
  /** Up to this height its turn comes after everybody else's. */
  readonly passedOverTo: number;
}

/** Who first proposed a block, and in which round: what a header says about turns. */
export interface Turn {
  readonly height: number;
  readonly proposer: number;
  readonly round: number;
}

interface Reader {
  get<Name, Value>(table: StateTable<Name, Value>, name: Name): Value | undefined;
}

interface Writer extends Reader {
  set<Name, Value>(table: StateTable<Name, Value>, name: Name, value: Value): void;
}

/** `t/` → `[[publicKey, misses, passedOverTo] …]`, the latest miss last; absent while nobody missed. */
export const missedTurns: StateTable<typeof ONLY, readonly MissedTurns[]> = {
  keyOf: (name) => `t/${name}`,
  encode(missed) {
    const writer = new CborWriter(8 + missed.length * 48).array(missed.length);
    for (const { publicKey, misses, passedOverTo } of missed) {
      writer.array(3).bytes(publicKey).uint(misses).uint(passedOverTo);
    }
    return writer.finish();
  },
  decode(encoded) {
    const reader = new CborReader(encoded);
    const missed: MissedTurns[] = [];
    for (let left = reader.array("missedTurns", MAX_ENTRIES); left > 0; left--) {
      reader.tuple("missed", 3);
      const publicKey = reader.fixedBytes("publicKey", PUBLIC_KEY_BYTES);
      missed.push({
        publicKey,
        misses: reader.uint("misses"),
        passedOverTo: reader.uint("passedOverTo"),
      });
    }
    reader.end();
    return missed;
  },
};

export function readMissedTurns(state: Reader): readonly MissedTurns[] {
  return state.get(missedTurns, ONLY) ?? [];
}

/**
 * Writes what the block says about turns; nothing while every proposer is there. `before` is the set
 * that sealed the block, `after` the one that seals the next.
 */
export function recordTurn(
  state: Writer,
  before: readonly Validator[],
  after: readonly Validator[],
  turn: Turn,
): void {
  const missed = readMissedTurns(state);
  if (missed.length === 0 && turn.round === 0) return;
  const next = missedAfter(missed, before, turn).filter(({ publicKey }) =>
    after.some((validator) => equalBytes(validator.publicKey, publicKey)),
  );
  if (next.length !== missed.length || next.some((entry, i) => entry !== missed[i])) {
    state.set(missedTurns, ONLY, next);
  }
}

/**
 * Who missed a turn once this block is final: those whose rounds passed before it was first proposed.
 * Its proposer is there. More rounds than validators can be missing beside a quorum say nothing about
 * anybody: it was the network.
 */
export function missedAfter(
  missed: readonly MissedTurns[],
  validators: readonly Validator[],
  { height, proposer, round }: Turn,
): readonly MissedTurns[] {
  const size = validators.length;
  let next = without(missed, validators[proposer]);
  if (round > size - quorum(size)) return next;
  const order = proposerOrder(size, height, passedOver(missed, validators, height));
  for (const index of order.slice(0, round)) {
    const validator = validators[index];
    if (validator === undefined) continue;
    const before = missed.find(({ publicKey }) => equalBytes(publicKey, validator.publicKey));
    const misses = (before?.misses ?? 0) + 1;
    const pause = Math.min(MAX_PAUSE_TURNS, FIRST_PAUSE_TURNS * 2 ** Math.min(misses - 1, 8));
    const { publicKey } = validator;
    const entry = { publicKey, misses, passedOverTo: height + pause * size };
    next = [...without(next, validator), entry];
  }
  return next;
}

function without(
  missed: readonly MissedTurns[],
  validator: Validator | undefined,
): readonly MissedTurns[] {
  if (validator === undefined) return missed;
  return missed.filter(({ publicKey }) => !equalBytes(publicKey, validator.publicKey));
}

/**
 * Indexes of the validators that are passed over at a height. Never more than a quorum can do without,
 * those who missed last: so whoever is left is always a quorum.
 */
export function passedOver(
  missed: readonly MissedTurns[],
  validators: readonly Validator[],
  height: number,
): readonly number[] {
  const paused: number[] = [];
  for (const { publicKey, passedOverTo } of missed) {
    const index = validators.findIndex((validator) => equalBytes(validator.publicKey, publicKey));
    if (index >= 0 && passedOverTo >= height) paused.push(index);
  }
  const spare = validators.length - quorum(validators.length);
  return spare === 0 ? [] : paused.slice(-spare);
}

/**
 * Whose turn it is in round 0, 1, 2 … of a height; after n rounds it begins again. Everybody has one
 * turn in n rounds, as in `validators[(height + round) mod n]`; those passed over have the last ones.
 */
export function proposerOrder(
  size: number,
  height: number,
  last: readonly number[],
): readonly number[] {
  const all = Array.from({ length: size }, (_, i) => (height + i) % size);
  const isLast = (index: number) => last.includes(index);
  return [...all.filter((index) => !isLast(index)), ...all.filter(isLast)];
}
