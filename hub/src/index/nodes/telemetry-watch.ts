import { identityId } from "@gridledger/protocol/crypto/identity-id";
import { Fault } from "@gridledger/protocol/faults";
import { formatHex } from "@gridledger/protocol/hex";
import type { Chain } from "@gridledger/protocol/ledger/genesis";
import { decodeTelemetry, type Telemetry } from "@gridledger/protocol/messages/telemetry";
import { filters, parseTopic } from "@gridledger/protocol/topics";
import type { Bus } from "../../bus.ts";

/** What the validators say of their processes. Unsigned: shown to people, decided on by nobody. */
export class TelemetryWatch {
  readonly #latest = new Map<string, Telemetry | undefined>();

  constructor({ suite, validators }: Chain) {
    for (const { publicKey } of validators) {
      this.#latest.set(formatHex(identityId(suite.hash, publicKey)), undefined);
    }
  }

  start(bus: Bus, channel: string): void {
    bus.subscribe(filters.telemetry(channel), (topic, payload) => this.#receive(topic, payload));
  }

  /** @param id identity id in hex */
  of(id: string): Telemetry | undefined {
    return this.#latest.get(id);
  }

  #receive(topic: string, payload: Uint8Array): void {
    try {
      const { publisher } = parseTopic(topic);
      // Only validators have a place, so that nobody can fill the map.
      if (this.#latest.has(publisher)) this.#latest.set(publisher, decodeTelemetry(payload));
    } catch (thrown) {
      if (!(thrown instanceof Fault)) throw thrown;
    }
  }
}
