import { Fault } from "@gridledger/protocol/faults";
import type { Chain } from "@gridledger/protocol/ledger/genesis";
import { verifyStatus } from "@gridledger/protocol/messages/status";
import { filters, parseTopic } from "@gridledger/protocol/topics";
import type { Bus } from "../../bus.ts";
import type { KnownIdentity } from "../directory.ts";

/** A node that could join, and the heartbeat that proves how far it has synced. */
export interface Candidate {
  readonly identity: KnownIdentity;
  readonly height: number;
  readonly heartbeat: Uint8Array;
}

interface WatchDeps {
  readonly chain: Chain;
  readonly findIdentity: (id: string) => KnownIdentity | undefined;
}

/** The last heartbeat of every candidate: a proposal to add one carries it. */
export class CandidateWatch {
  readonly #deps: WatchDeps;
  readonly #byId = new Map<string, Candidate>();

  constructor(deps: WatchDeps) {
    this.#deps = deps;
  }

  start(bus: Bus, channel: string): void {
    bus.subscribe(filters.statuses(channel), (topic, payload) => this.#receive(topic, payload));
  }

  list(): Candidate[] {
    const isCandidate = (id: string) => this.#deps.findIdentity(id)?.role === "candidate";
    return [...this.#byId.values()].filter(({ identity }) => isCandidate(identity.id));
  }

  #receive(topic: string, payload: Uint8Array): void {
    const { chain, findIdentity } = this.#deps;
    try {
      const identity = findIdentity(parseTopic(topic).publisher);
      if (identity?.role !== "candidate") return;
      const { height } = verifyStatus(chain.suite, identity.publicKey, chain.chainId, payload);
      // A copy: the view would keep the whole packet alive.
      this.#byId.set(identity.id, { identity, height, heartbeat: Uint8Array.from(payload) });
    } catch (thrown) {
      if (!(thrown instanceof Fault)) throw thrown;
    }
  }
}
