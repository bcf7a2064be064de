import type { Prng } from "../cluster/prng.ts";
import { mutateCbor, parseCbor } from "./cbor-tree.ts";

const MAX_BYTES = 65_536;
/** Heads that promise far more than there is: CBOR of every width, then DER. */
const lies = [
  "1bffffffffffffffff",
  "3bffffffffffffffff",
  "5affffffff",
  "5b001fffffffffffff",
  "7b001fffffffffffff",
  "9affffffff",
  "9b001fffffffffffff",
  "bbffffffffffffffff",
  "9f",
  "5f",
  "fb7ff0000000000000",
  "c249ffffffffffffffffff",
  "3084ffffffff",
  "0484ffffffff",
  "0680",
  "30820fff",
].map((hex) => Buffer.from(hex, "hex"));

type Change = (bytes: Uint8Array, prng: Prng, samples: readonly Uint8Array[]) => Uint8Array;

function splice(bytes: Uint8Array, at: number, removed: number, put: Uint8Array): Uint8Array {
  return Buffer.concat([bytes.subarray(0, at), put, bytes.subarray(at + removed)]);
}

const changes: readonly Change[] = [
  function flipBit(bytes, prng) {
    const changed = Uint8Array.from(bytes);
    if (changed.length > 0) changed[prng.below(changed.length)]! ^= 1 << prng.below(8);
    return changed;
  },
  function setByte(bytes, prng) {
    const changed = Uint8Array.from(bytes);
    if (changed.length > 0) {
      changed[prng.below(changed.length)] = prng.pick([
        0, 0x7f, 0x80, 0xff, 0x0d, 0x20, 0x30, 0x39,
      ]);
    }
    return changed;
  },
  function cut(bytes, prng) {
    return bytes.subarray(0, prng.below(bytes.length + 1));
  },
  function remove(bytes, prng) {
    return splice(bytes, prng.below(bytes.length + 1), 1 + prng.below(8), new Uint8Array());
  },
  function repeat(bytes, prng) {
    const at = prng.below(bytes.length + 1);
    const part = bytes.subarray(at, at + 1 + prng.below(64));
    const copies = 1 + prng.below(prng.chance(0.02) ? 500 : 4);
    return splice(bytes, at, 0, Buffer.concat(Array.from({ length: copies }, () => part)));
  },
  function lie(bytes, prng) {
    return splice(bytes, prng.below(bytes.length + 1), prng.below(6), prng.pick(lies));
  },
  function nest(bytes, prng) {
    const opening = prng.pick([0x81, 0xa1, 0x30, 0x9f, 0x28]);
    const depth = prng.chance(0.02) ? 20_000 : 1 + prng.below(64);
    return splice(bytes, prng.below(bytes.length + 1), 0, new Uint8Array(depth).fill(opening));
  },
  function cross(bytes, prng, samples) {
    const other = prng.pick(samples);
    const from = prng.below(other.length + 1);
    const part = other.subarray(from, from + 1 + prng.below(other.length + 1));
    return splice(bytes, prng.below(bytes.length + 1), prng.below(part.length + 1), part);
  },
  function insert(bytes, prng) {
    return splice(bytes, prng.below(bytes.length + 1), 0, prng.bytes(1 + prng.below(16)));
  },
];

/** One to four changes of a valid sample; half of them by its structure, where it is CBOR. */
export function mutate(bytes: Uint8Array, prng: Prng, samples: readonly Uint8Array[]): Uint8Array {
  let changed = bytes;
  for (let left = 1 + prng.below(4); left > 0; left--) {
    const tree = prng.chance(0.5) ? parseCbor(changed) : undefined;
    changed = tree ? mutateCbor(tree, prng) : prng.pick(changes)(changed, prng, samples);
    if (changed.length > MAX_BYTES) changed = changed.subarray(0, MAX_BYTES);
  }
  return changed;
}
