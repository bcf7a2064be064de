import { hash, verify } from "@node-rs/argon2";
import { Fault } from "../faults.ts";

/** OWASP's first choice for argon2id (the library's default algorithm): 19 MiB, 2 passes, 1 lane. */
const options = {
  memoryCost: 19_456,
  timeCost: 2,
  parallelism: 1,
};
/** Each hash takes a thread and 19 MiB: strangers must not take all of both. */
const MAX_AT_ONCE = 2;
const MAX_QUEUED = 16;

/** Hashes and checks passwords, a few at a time. */
export class PasswordHasher {
  #running = 0;
  readonly #queue: (() => void)[] = [];

  hash(password: string): Promise<string> {
    return this.#run(() => hash(password.normalize("NFC"), options));
  }

  /** @throws Fault RATE_LIMITED when too many wait already */
  verify(encoded: string, password: string): Promise<boolean> {
    return this.#run(() => verify(encoded, password.normalize("NFC")));
  }

  async #run<Answer>(work: () => Promise<Answer>): Promise<Answer> {
    if (this.#running >= MAX_AT_ONCE) {
      if (this.#queue.length >= MAX_QUEUED)
        throw new Fault("RATE_LIMITED", "", { data: { retryAfterS: 2 } });
      await new Promise<void>((resolve) => this.#queue.push(resolve));
    }
    this.#running++;
    try {
      return await work();
    } finally {
      this.#running--;
      this.#queue.shift()?.();
    }
  }
}
