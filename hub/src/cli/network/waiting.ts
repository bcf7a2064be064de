interface Waiter<Value> {
  resolve(value: Value): void;
  reject(reason: Error): void;
}

/** Promises by name that others keep: one waiter a name. */
export class Waiting<Value> {
  readonly #waiters = new Map<string, Waiter<Value>>();

  /** Rejects with `late()` when nobody resolves it in time. */
  until(name: string, withinMs: number, late: () => Error): Promise<Value> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.reject(name, late()), withinMs);
      this.#waiters.set(name, {
        resolve(value) {
          clearTimeout(timer);
          resolve(value);
        },
        reject(reason) {
          clearTimeout(timer);
          reject(reason);
        },
      });
    });
  }

  resolve(name: string, value: Value): void {
    this.#take(name)?.resolve(value);
  }

  reject(name: string, reason: Error): void {
    this.#take(name)?.reject(reason);
  }

  rejectAll(reason: Error): void {
    for (const name of [...this.#waiters.keys()]) this.reject(name, reason);
  }

  #take(name: string): Waiter<Value> | undefined {
    const waiter = this.#waiters.get(name);
    this.#waiters.delete(name);
    return waiter;
  }
}
