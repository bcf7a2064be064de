import type { Suite } from "@gridledger/protocol/crypto/suite";
import { asFault, Fault, type FaultCode } from "@gridledger/protocol/faults";
import { ALL_TO_ALL_UP_TO, type ValidatorSet } from "@gridledger/protocol/ledger/validators";
import { parseTopic, topics } from "@gridledger/protocol/topics";
import type { Bus } from "../bus.ts";
import type { Log } from "../log.ts";
import { VoteCollector } from "./vote-collector.ts";

interface RelayDeps {
  readonly chain: { readonly suite: Suite; readonly chainId: Uint8Array };
  readonly bus: Bus;
  readonly log: Log;
  readonly headHeight: () => number;
  readonly setAt: (height: number) => ValidatorSet;
}

interface RelayOptions {
  readonly channel: string;
  /** The hub's identity id. */
  readonly self: string;
}

/** What the relay has done since the start. */
interface RelayStats {
  readonly votes: number;
  readonly certificates: number;
  /** By fault code. */
  readonly refusals: Readonly<Partial<Record<FaultCode, number>>>;
}

/**
 * Gives more than seven validators two certificates a block in place of everybody's votes (guide §4.2.2).
 * Nobody needs to believe it: each signature in a certificate is checked, and without one validators
 * speak to each other.
 */
export class Relay {
  readonly #deps: RelayDeps;
  readonly #options: RelayOptions;
  readonly #collector: VoteCollector;
  #votes = 0;
  #certificates = 0;
  readonly #refusals = new Map<FaultCode, number>();

  constructor(deps: RelayDeps, options: RelayOptions) {
    this.#deps = deps;
    this.#options = options;
    const { chain, headHeight, setAt } = deps;
    const { suite, chainId } = chain;
    this.#collector = new VoteCollector({ suite, chainId, headHeight, setAt });
  }

  get stats(): RelayStats {
    const refusals = Object.fromEntries(this.#refusals);
    return { votes: this.#votes, certificates: this.#certificates, refusals };
  }

  start(): void {
    const { channel } = this.#options;
    const { bus, headHeight, setAt } = this.#deps;
    for (const lane of ["q", "v"] as const) {
      bus.subscribe(topics.consensus(channel, lane, "+"), (topic, payload) => {
        const { validators } = setAt(headHeight() + 1);
        if (validators.length <= ALL_TO_ALL_UP_TO) return;
        this.#onVote(parseTopic(topic).publisher, payload, lane === "q");
      });
    }
  }

  #onVote(publisher: string, payload: Uint8Array, isForRelay: boolean): void {
    this.#votes++;
    try {
      // A copy: the payload is a view of what the socket read, and the vote is kept.
      const certificate = this.#collector.hear(publisher, Uint8Array.from(payload), isForRelay);
      if (certificate === undefined) return;
      this.#certificates++;
      const { channel, self } = this.#options;
      this.#deps.bus.publish(topics.consensus(channel, "b", self), certificate);
    } catch (thrown) {
      this.#refuse(publisher, thrown);
    }
  }

  #refuse(publisher: string, thrown: unknown): void {
    if (!(thrown instanceof Fault)) throw thrown;
    const { code, message } = asFault(thrown);
    this.#refusals.set(code, (this.#refusals.get(code) ?? 0) + 1);
    this.#deps.log.debug({ publisher, code, detail: message }, "relay: vote refused");
  }
}
