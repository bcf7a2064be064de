/** How far a transfer is, on the terminal's error stream; nothing where that is no terminal. */
export class Progress {
  readonly #what: string;
  readonly #total: number;
  #last = -1;

  constructor(what: string, total: number) {
    this.#what = what;
    this.#total = total;
  }

  at(bytes: number): void {
    const percent = this.#total === 0 ? 100 : Math.floor((bytes * 100) / this.#total);
    if (!process.stderr.isTTY || percent === this.#last) return;
    this.#last = percent;
    process.stderr.write(`\r${this.#what} ${percent} %${percent === 100 ? "\n" : ""}`);
  }
}
