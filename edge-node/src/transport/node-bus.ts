import { type ConsensusLane, filters, parseTopic, topics } from "@gridledger/protocol/topics";
import type { Link } from "./link-group.ts";

/** Lanes a validator listens to; DECIDE on lane k is for those who only follow, lane q for a relay. */
const LANES: readonly ConsensusLane[] = ["p", "v", "r", "b"];

interface NodeBusDeps {
  /** Consensus, status and sync. */
  readonly control: Link;
  /** Transactions: a flood of them has a connection of its own and delays no vote. */
  readonly data: Link;
  readonly queue: { push(work: () => void): void };
}

interface NodeBusOptions {
  readonly channel: string;
  /** This node's identity id in hex. */
  readonly ownId: string;
}

/**
 * Who gets what came in. Bytes are the receiver's to keep, except those of transactions. What this
 * node published comes back too (MQTT 3.1.1 has no "no local"): a status as the round trip, a vote as
 * proof that no second copy of this node signs.
 */
export interface BusHandlers {
  readonly onConsensus: (publisher: string, bytes: Uint8Array) => void;
  readonly onStatus: (publisher: string, bytes: Uint8Array) => void;
  readonly onSync: (publisher: string, bytes: Uint8Array) => void;
  readonly onTransactions: (publisher: string, bytes: Uint8Array) => void;
}

/** The channel's topics as a validator speaks and hears them. */
export class NodeBus {
  readonly #deps: NodeBusDeps;
  readonly #options: NodeBusOptions;

  constructor(deps: NodeBusDeps, options: NodeBusOptions) {
    this.#deps = deps;
    this.#options = options;
  }

  listen(handlers: BusHandlers): void {
    const { control, data } = this.#deps;
    const { channel, ownId } = this.#options;
    for (const lane of LANES) {
      control.subscribe(topics.consensus(channel, lane, "+"), this.#queued(handlers.onConsensus));
    }
    control.subscribe(filters.statuses(channel), this.#queued(handlers.onStatus));
    control.subscribe(filters.sync(channel, ownId), this.#queued(handlers.onSync));
    data.subscribe(filters.transactions(channel), (topic, bytes) => {
      const { publisher } = parseTopic(topic);
      if (publisher !== ownId) handlers.onTransactions(publisher, bytes);
    });
  }

  consensus(lane: ConsensusLane, bytes: Uint8Array): boolean {
    const { channel, ownId } = this.#options;
    return this.#deps.control.publish(topics.consensus(channel, lane, ownId), bytes);
  }

  status(bytes: Uint8Array): boolean {
    const { channel, ownId } = this.#options;
    return this.#deps.control.publish(topics.status(channel, ownId), bytes);
  }

  telemetry(bytes: Uint8Array): boolean {
    const { channel, ownId } = this.#options;
    return this.#deps.control.publish(topics.telemetry(channel, ownId), bytes);
  }

  sync(to: string, bytes: Uint8Array): boolean {
    const { channel, ownId } = this.#options;
    return this.#deps.control.publish(topics.sync(channel, to, ownId), bytes);
  }

  refusal(to: string, bytes: Uint8Array): boolean {
    const { channel, ownId } = this.#options;
    return this.#deps.data.publish(topics.refusal(channel, to, ownId), bytes);
  }

  /** Passes others' transactions on. */
  transactions(bytes: Uint8Array): boolean {
    const { channel, ownId } = this.#options;
    return this.#deps.data.publish(topics.transaction(channel, ownId), bytes);
  }

  #queued(handle: (publisher: string, bytes: Uint8Array) => void) {
    return (topic: string, payload: Uint8Array): void => {
      const { publisher } = parseTopic(topic);
      // A copy: the payload is a view of what the socket read.
      const bytes = new Uint8Array(payload);
      this.#deps.queue.push(() => handle(publisher, bytes));
    };
  }
}
