/** A map whose writes since a checkpoint can be taken back, one checkpoint inside the other. */
export class Journal<Key, Value> {
  readonly #values = new Map<Key, Value>();
  /** What stood there before each write, oldest first; only while a checkpoint is open. */
  readonly #before: {
    readonly key: Key;
    readonly had: boolean;
    readonly value: Value | undefined;
  }[] = [];
  readonly #marks: number[] = [];

  has(key: Key): boolean {
    return this.#values.has(key);
  }

  get(key: Key): Value | undefined {
    return this.#values.get(key);
  }

  set(key: Key, value: Value): void {
    if (this.#marks.length > 0) {
      this.#before.push({ key, had: this.#values.has(key), value: this.#values.get(key) });
    }
    this.#values.set(key, value);
  }

  entries(): IterableIterator<[Key, Value]> {
    return this.#values.entries();
  }

  checkpoint(): void {
    this.#marks.push(this.#before.length);
  }

  commit(): void {
    this.#marks.pop();
    if (this.#marks.length === 0) this.#before.length = 0;
  }

  revert(): void {
    const mark = this.#marks.pop() ?? 0;
    while (this.#before.length > mark) {
      const { key, had, value } = this.#before.pop()!;
      if (had) this.#values.set(key, value as Value);
      else this.#values.delete(key);
    }
  }

  clear(): void {
    this.#values.clear();
    this.#before.length = 0;
    this.#marks.length = 0;
  }
}
