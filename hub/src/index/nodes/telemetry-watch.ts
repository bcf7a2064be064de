import { identityId } from "@gridledger/protocol/crypto/identity-id";
import type { Suite } from "@gridledger/protocol/crypto/suite";
import { Fault } from "@gridledger/protocol/faults";
import { formatHex } from "@gridledger/protocol/hex";
import type { ValidatorSet } from "@gridledger/protocol/ledger/validators";
import { decodeTelemetry, type Telemetry } from "@gridledger/protocol/messages/telemetry";
import { filters, parseTopic } from "@gridledger/protocol/topics";
import type { Bus } from "../../bus.ts";
import { DiskForecast } from "./disk-forecast.ts";

/** What the validators say of their processes. Unsigned: shown to people, decided on by nobody. */
export class TelemetryWatch {
  readonly #suite: Suite;
  readonly #set: () => ValidatorSet;
  readonly #onAlarm: () => void;
  readonly #now: () => number;
  readonly #disks = new DiskForecast();
  readonly #latest = new Map<string, Telemetry>();

  /** @param onAlarm a validator says that it has stopped signing, or signs again */
  constructor(suite: Suite, set: () => ValidatorSet, onAlarm: () => void, now: () => number) {
    this.#now = now;
    this.#suite = suite;
    this.#set = set;
    this.#onAlarm = onAlarm;
  }

  start(bus: Bus, channel: string): void {
    bus.subscribe(filters.telemetry(channel), (topic, payload) => this.#receive(topic, payload));
  }

  /** @param id identity id in hex */
  of(id: string): Telemetry | undefined {
    return this.#latest.get(id);
  }

  /** Whole days until its disk is full; null where nobody can tell. */
  diskDaysLeft(id: string): number | null {
    const telemetry = this.of(id);
    return telemetry === undefined ? null : this.#disks.daysLeft(id, this.#now(), telemetry);
  }

  #receive(topic: string, payload: Uint8Array): void {
    try {
      const { publisher } = parseTopic(topic);
      // Only validators have a place, so that nobody can fill the map.
      if (!this.#isValidator(publisher)) return;
      const telemetry = decodeTelemetry(payload);
      const before = this.#latest.get(publisher)?.alarm ?? "";
      this.#latest.set(publisher, telemetry);
      this.#disks.note(publisher, this.#now(), telemetry);
      if (telemetry.alarm !== before) this.#onAlarm();
    } catch (thrown) {
      if (!(thrown instanceof Fault)) throw thrown;
    }
  }

  #isValidator(id: string): boolean {
    const { hash } = this.#suite;
    return this.#set().validators.some(
      ({ publicKey }) => formatHex(identityId(hash, publicKey)) === id,
    );
  }
}
