/** Counts connections, in all and by address, so that one address cannot use up the broker. */
export class ConnectionCaps {
  readonly #maxTotal: number;
  readonly #maxPerAddress: number;
  readonly #byAddress = new Map<string, number>();
  #total = 0;

  constructor(maxTotal: number, maxPerAddress: number) {
    this.#maxTotal = maxTotal;
    this.#maxPerAddress = maxPerAddress;
  }

  get total(): number {
    return this.#total;
  }

  /** @returns false when a cap is reached; otherwise `leave` must follow exactly once */
  enter(address: string): boolean {
    const there = this.#byAddress.get(address) ?? 0;
    if (this.#total >= this.#maxTotal || there >= this.#maxPerAddress) return false;
    this.#total++;
    this.#byAddress.set(address, there + 1);
    return true;
  }

  leave(address: string): void {
    this.#total--;
    const left = (this.#byAddress.get(address) ?? 1) - 1;
    if (left === 0) this.#byAddress.delete(address);
    else this.#byAddress.set(address, left);
  }
}
