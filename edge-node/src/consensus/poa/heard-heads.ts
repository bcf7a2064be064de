import type { Electorate } from "./electorate.ts";

/** Up to which height peers say that they have the chain. */
export class HeardHeads {
  readonly #heads = new Map<string, number>();

  hear(publisher: string, height: number): void {
    this.#heads.set(publisher, Math.max(this.#heads.get(publisher) ?? 0, height));
  }

  /** True when f+1 other members say so, of whom one is honest: the height is decided. */
  arePast(electorate: Electorate): boolean {
    let past = 0;
    for (const [publisher, head] of this.#heads) {
      const index = electorate.indexOf(publisher);
      if (index >= 0 && index !== electorate.self && head >= electorate.height) past++;
    }
    return past > electorate.faults;
  }
}
