import { asFault, Fault } from "@gridledger/protocol/faults";
import type { Chain } from "@gridledger/protocol/ledger/genesis";
import {
  decodeRenewal,
  encodeRenewalAnswer,
  type RenewalAnswer,
} from "@gridledger/protocol/messages/renewal";
import { decodeRenewalRequest } from "@gridledger/protocol/pki/renewal-request";
import { filters, parseTopic, topics } from "@gridledger/protocol/topics";
import type { Bus } from "../bus.ts";
import type { Log } from "../log.ts";
import type { CertificateAuthority } from "./certificate-authority.ts";

/** Signatures and rows cost; a fleet that comes back at once waits its turn and asks again. */
const MAX_AT_ONCE = 32;

interface ListenerDeps {
  readonly chain: Chain;
  readonly bus: Bus;
  readonly authority: Pick<CertificateAuthority, "renew" | "authorities">;
  readonly log: Log;
}

/**
 * Renewals over MQTT, guide §6.1.4: a device that was off for months needs nothing but the broker it
 * knows. Its connection is by key, so an expired certificate does not keep it out; a revocation does.
 */
export class RenewalListener {
  readonly #deps: ListenerDeps;
  readonly #self: string;
  #running = 0;

  /** @param self the hub's identity id */
  constructor(deps: ListenerDeps, self: string) {
    this.#deps = deps;
    this.#self = self;
  }

  start(): void {
    const { bus, chain } = this.#deps;
    const filter = filters.renewals(chain.genesis.channel, this.#self);
    bus.subscribe(filter, (topic, payload) => {
      if (this.#running < MAX_AT_ONCE) void this.#answer(topic, Uint8Array.from(payload));
    });
  }

  async #answer(topic: string, payload: Uint8Array): Promise<void> {
    const { bus, chain, log } = this.#deps;
    this.#running++;
    try {
      const { publisher } = parseTopic(topic);
      const renewal = decodeRenewal(payload);
      const answer = await this.#renew(renewal);
      const back = topics.renewal(chain.genesis.channel, publisher, this.#self);
      bus.publish(back, encodeRenewalAnswer(answer));
    } catch (thrown) {
      // What is no renewal is nobody's: there is nothing to answer.
      if (!(thrown instanceof Fault)) log.error({ err: thrown }, "a renewal failed");
    } finally {
      this.#running--;
    }
  }

  async #renew(renewal: Uint8Array): Promise<RenewalAnswer> {
    const { serial } = decodeRenewalRequest(renewal);
    try {
      const { authority } = this.#deps;
      const renewed = await authority.renew(renewal);
      const issuer = authority.authorities.find(renewed.authority).certificate;
      const certificates = [renewed.encoded, issuer.encoded];
      return { serial, code: undefined, detail: "", certificates };
    } catch (thrown) {
      const { code, message } = asFault(thrown);
      const detail = code === "INTERNAL" ? "" : message;
      if (code === "INTERNAL") this.#deps.log.error({ err: thrown }, "a renewal failed");
      return { serial, code, detail, certificates: [] };
    }
  }
}
