import { CborReader } from "../cbor/reader.ts";
import { CborWriter } from "../cbor/writer.ts";
import type { StateTable } from "./state.ts";

/** How many blocks back a rule can ask for a hash; as many as contracts can. */
export const RECENT_HASHES = 256;

interface BlockName {
  readonly height: number;
  readonly hash: Uint8Array;
}

/** `h/<height mod 256>` → `[height, hash]` of the last blocks, the genesis being block 0. */
export const recentHashes: StateTable<number, BlockName> = {
  keyOf: (height) => `h/${height % RECENT_HASHES}`,
  encode: ({ height, hash }) => new CborWriter(48).array(2).uint(height).bytes(hash).finish(),
  decode(encoded) {
    const reader = new CborReader(encoded);
    reader.tuple("block", 2);
    const name = { height: reader.uint("height"), hash: reader.fixedBytes("hash", 32) };
    reader.end();
    return name;
  },
};
