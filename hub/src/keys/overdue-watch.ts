import { asFault } from "@gridledger/protocol/faults";
import type { Clock } from "../clock.ts";
import type { KnownIdentity } from "../index/directory.ts";
import type { Log } from "../log.ts";
import type { Webhooks } from "../webhooks/webhooks.ts";
import { type OverdueDeps, overdueKeys } from "./overdue-keys.ts";

const CHECK_MS = 3_600_000;
const FIRST_CHECK_MS = 60_000;

interface WatchDeps extends Omit<OverdueDeps, "now"> {
  readonly webhooks: Pick<Webhooks, "raise">;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Raises an alarm for each key of the channel whose period has ended: of validators, which only a vote
 * replaces, of organisations, and of devices whose own rotation fails. Once a key, as long as this runs.
 */
export class OverdueWatch {
  readonly #deps: WatchDeps;
  readonly #keyDays: number;
  /** Identity and epoch. */
  readonly #told = new Set<string>();
  #cancel: () => void = () => {};
  #running: Promise<void> = Promise.resolve();

  constructor(deps: WatchDeps, keyDays: number) {
    this.#deps = deps;
    this.#keyDays = keyDays;
  }

  start(delayMs = FIRST_CHECK_MS): void {
    this.#cancel = this.#deps.clock.after(delayMs, () => {
      this.start(CHECK_MS);
      this.#running = this.check();
    });
  }

  async stop(): Promise<void> {
    this.#cancel();
    await this.#running;
  }

  async check(): Promise<void> {
    const { log, clock } = this.#deps;
    try {
      const overdue = await overdueKeys({ ...this.#deps, now: () => clock.now() }, this.#keyDays);
      for (const identity of overdue) await this.#tell(identity);
    } catch (thrown) {
      const { code, message } = asFault(thrown);
      log.error({ code, detail: message }, "keys could not be looked through");
    }
  }

  async #tell({ id: identity, name, role, epoch, keySinceHeight }: KnownIdentity): Promise<void> {
    const { log, webhooks } = this.#deps;
    const place = `${identity}.${epoch}`;
    if (this.#told.has(place)) return;
    this.#told.add(place);
    const key = { identity, name, role, epoch, fromHeight: keySinceHeight };
    log.warn({ ...key, code: "KEY_OVERDUE" }, "a key's period has ended");
    await webhooks.raise("key.overdue", place, key);
  }
}
