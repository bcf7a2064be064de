import type { Electorate } from "./electorate.ts";

/**
 * When may a validator sign again that lost its WAL? Only above every height at which it can have
 * signed before.
 *
 * It signed at most one height above its old head, and whoever sealed that head had at least the block
 * before: so among the sealers somebody's head is at most 2 lower than the highest place signed. Enough
 * peers are heard to meet such a sealer even when the highest f−1 answers (this node is itself one of
 * the f faults) are lies and are left out.
 */
export class Amnesia {
  readonly #heard = new Map<string, number>();
  #safeAbove: number | undefined;

  /** Heights are taken until enough were heard; later ones only follow the growing chain. */
  hear(publisher: string, height: number): void {
    const before = this.#heard.get(publisher) ?? 0;
    if (this.#safeAbove === undefined) this.#heard.set(publisher, Math.max(before, height));
  }

  /** True when nothing signed before can stand at this height or above. */
  isOver(electorate: Electorate): boolean {
    this.#safeAbove ??= this.#bound(electorate);
    return this.#safeAbove !== undefined && electorate.height > this.#safeAbove;
  }

  #bound(electorate: Electorate): number | undefined {
    const { size, quorum, faults, height, self } = electorate;
    const heights: number[] = [];
    for (const [publisher, head] of this.#heard) {
      const index = electorate.indexOf(publisher);
      if (index >= 0 && index !== self) heights.push(head);
    }
    const needed = faults === 0 ? size - quorum + 1 : size - 1 - quorum + 2 * faults;
    if (heights.length < Math.max(1, needed)) return undefined;
    const highest = heights.sort((a, b) => b - a)[Math.max(0, faults - 1)] ?? 0;
    return Math.max(highest, height - 1) + 2;
  }
}
