/** Behind by no more than what may just be on its way. */
const NEAR_BLOCKS = 5;

interface CaughtUpDeps {
  readonly ownId: string;
  readonly headHeight: () => number;
  /** Identity ids in hex of those who seal the next block. */
  readonly validatorIds: () => readonly string[];
  /** What each has said last, verified. */
  readonly statuses: () => ReadonlyMap<string, { readonly height: number }>;
}

/**
 * Shut from the start until this node has heard of the chain and caught up with it: a node that was
 * away for a month does not know yet what was erased meanwhile (guide §9.1 b). One more than may lie
 * must have spoken; open, it stays open.
 */
export class CaughtUp {
  readonly #deps: CaughtUpDeps;
  #isOpen = false;

  constructor(deps: CaughtUpDeps) {
    this.#deps = deps;
  }

  get isOpen(): boolean {
    if (!this.#isOpen) this.#isOpen = this.#look();
    return this.#isOpen;
  }

  #look(): boolean {
    const { ownId, headHeight, validatorIds, statuses } = this.#deps;
    const ids = validatorIds();
    const liars = Math.floor((ids.length - 1) / 3);
    const heights = ids
      .filter((id) => id !== ownId)
      .flatMap((id) => statuses().get(id)?.height ?? [])
      .sort((a, b) => b - a);
    if (ids.every((id) => id === ownId)) return true;
    const believed = heights[liars];
    return believed !== undefined && headHeight() + NEAR_BLOCKS >= believed;
  }
}
