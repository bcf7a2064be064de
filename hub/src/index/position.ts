/** Most transactions in one block (`protocol/ledger/header` txCount). */
const PLACES = 65_536;

/** A transaction's place in the chain as one ascending number. */
export function positionOf(height: number, index: number): number {
  return height * PLACES + index;
}

export function placeOf(position: number): { readonly height: number; readonly index: number } {
  return { height: Math.floor(position / PLACES), index: position % PLACES };
}
