import { CborReader } from "../cbor/reader.ts";
import { CborWriter } from "../cbor/writer.ts";
import { EVIDENCE_WINDOW_BLOCKS } from "./offences.ts";
import type { StateTable } from "./state.ts";
import type { Validator } from "./validators.ts";

const PUBLIC_KEY_BYTES = 33;
const MAX_VALIDATORS = 128;
/** Sets that are remembered; of older ones evidence comes too late. */
const MAX_SETS = 32;
/** The table has one entry. */
const ONLY = "";

/** A validator set that was replaced; it sealed the blocks up to `toHeight`. */
export interface PastSet {
  readonly toHeight: number;
  readonly publicKeys: readonly Uint8Array[];
}

interface Reader {
  get<Name, Value>(table: StateTable<Name, Value>, name: Name): Value | undefined;
}

interface Writer extends Reader {
  set<Name, Value>(table: StateTable<Name, Value>, name: Name, value: Value): void;
}

/** `u/` → `[[toHeight, [publicKey …]] …]`, ascending; absent while no set was replaced. */
const pastSets: StateTable<typeof ONLY, readonly PastSet[]> = {
  keyOf: (name) => `u/${name}`,
  encode(sets) {
    const writer = new CborWriter(512).array(sets.length);
    for (const { toHeight, publicKeys } of sets) {
      writer.array(2).uint(toHeight).array(publicKeys.length);
      for (const publicKey of publicKeys) writer.bytes(publicKey);
    }
    return writer.finish();
  },
  decode(encoded) {
    const reader = new CborReader(encoded);
    const sets: PastSet[] = [];
    for (let left = reader.array("sets", MAX_SETS); left > 0; left--) {
      reader.tuple("set", 2);
      const toHeight = reader.uint("toHeight");
      const publicKeys: Uint8Array[] = [];
      for (let more = reader.array("publicKeys", MAX_VALIDATORS); more > 0; more--) {
        publicKeys.push(reader.fixedBytes("publicKey", PUBLIC_KEY_BYTES));
      }
      sets.push({ toHeight, publicKeys });
    }
    reader.end();
    return sets;
  },
};

/** The block of this height was the last that `replaced` sealed. */
export function rememberSet(state: Writer, replaced: readonly Validator[], toHeight: number): void {
  const known = state.get(pastSets, ONLY) ?? [];
  const young = known.filter((set) => set.toHeight + EVIDENCE_WINDOW_BLOCKS >= toHeight);
  const set = { toHeight, publicKeys: replaced.map(({ publicKey }) => publicKey) };
  state.set(pastSets, ONLY, [...young.slice(-(MAX_SETS - 1)), set]);
}

/**
 * The keys that sealed a height that is final or next, `current` being the set of the next one;
 * undefined where the set is forgotten.
 */
export function keysAt(
  state: Reader,
  current: readonly Validator[],
  height: number,
): readonly Uint8Array[] | undefined {
  const past = state.get(pastSets, ONLY) ?? [];
  const [oldest] = past;
  // Everything before the oldest set may have been cut off.
  if (past.length === MAX_SETS && oldest !== undefined && height <= oldest.toHeight)
    return undefined;
  const found = past.find(({ toHeight }) => height <= toHeight);
  return found?.publicKeys ?? current.map(({ publicKey }) => publicKey);
}
