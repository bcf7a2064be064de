import type { Hash } from "../crypto/suite.ts";
import { formatHex } from "../hex.ts";
import type { Classification } from "../objects/manifest.ts";

/** One place where copies of objects may lie. */
export interface Holder {
  /** Identity id of the node, or of the hub whose store it is. */
  readonly id: Uint8Array;
  /** Of a hub's store; empty for a node. */
  readonly name: string;
  readonly capacityBytes: number;
  /** A hub's further store; it does not leave the hub's own organisation. */
  readonly isStore: boolean;
}

const FRACTION = 2 ** 48;

/** What a holder is called in lists: `<identity id>` or `<identity id>/<store>`. */
export function holderName({ id, name }: Pick<Holder, "id" | "name">): string {
  return name === "" ? formatHex(id) : `${formatHex(id)}/${name}`;
}

/** What is confidential stays with its hub: validators belong to others. */
export function mayHold(classification: Classification, { isStore }: Holder): boolean {
  return isStore || classification !== "confidential";
}

/**
 * The holders of an object in the order in which they are to have it (guide §10.5): rendezvous hashing
 * with the declared capacity as weight. Everybody who knows the chain finds the same; one that comes
 * or goes moves only its own share. Consensus does not depend on it.
 */
export function placementOrder<Place extends Holder>(
  hash: Hash,
  root: Uint8Array,
  holders: readonly Place[],
): Place[] {
  return holders
    .map((holder) => ({ holder, name: holderName(holder), score: scoreOf(hash, root, holder) }))
    .sort((a, b) => b.score - a.score || (a.name < b.name ? -1 : 1))
    .map(({ holder }) => holder);
}

/** −weight ÷ ln(u), u drawn from the hash in (0, 1): the first of n is chosen in proportion to weight. */
function scoreOf(hash: Hash, root: Uint8Array, { id, name, capacityBytes }: Holder): number {
  const drawn = hash(root, id, new TextEncoder().encode(name));
  const view = new DataView(drawn.buffer, drawn.byteOffset);
  const number = view.getUint16(0) * 2 ** 32 + view.getUint32(2);
  return -capacityBytes / Math.log((number + 0.5) / FRACTION);
}
