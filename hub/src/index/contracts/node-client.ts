import { Fault } from "@gridledger/protocol/faults";
import {
  type ContractAnswer,
  decodeContractAnswer,
} from "@gridledger/protocol/messages/contract-answer";
import {
  type ContractQuestion,
  encodeContractQuery,
} from "@gridledger/protocol/messages/contract-query";
import { filters, topics } from "@gridledger/protocol/topics";
import type { Bus } from "../../bus.ts";
import type { Clock } from "../../clock.ts";

const ANSWER_TIMEOUT_MS = 1_500;
const MAX_TRIES = 12;

interface NodeClientDeps {
  readonly bus: Bus;
  readonly clock: Clock;
  /** Identity ids of the validators that are there. */
  readonly peers: () => readonly string[];
}

interface NodeClientOptions {
  readonly channel: string;
  /** The hub's identity id. */
  readonly self: string;
}

/** Asks validators what their state holds. What they answer is proven by whoever asked, or it counts for nothing. */
export class NodeClient {
  readonly #deps: NodeClientDeps;
  readonly #options: NodeClientOptions;
  readonly #open = new Map<number, (answer: ContractAnswer) => void>();
  #nextId = 1;
  #nextPeer = 0;

  constructor(deps: NodeClientDeps, options: NodeClientOptions) {
    this.#deps = deps;
    this.#options = options;
  }

  start(): void {
    const { channel, self } = this.#options;
    this.#deps.bus.subscribe(filters.sync(channel, self), (_, payload) => this.#receive(payload));
  }

  /**
   * The first answer that `check` takes, from one validator after the other, `tries` times.
   * @throws Fault NODE_SILENT when none gives one
   */
  async ask<Answer>(
    question: ContractQuestion,
    check: (answer: ContractAnswer) => Promise<Answer | undefined> | Answer | undefined,
    tries = MAX_TRIES,
  ): Promise<Answer> {
    for (let left = tries; left > 0 && this.#deps.peers().length > 0; left--) {
      const answer = await this.#askOnce(question);
      const checked = answer && (await check(answer));
      if (checked !== undefined) return checked;
      if (answer !== undefined) await this.#pause(100);
    }
    throw new Fault("NODE_SILENT");
  }

  /** The answer of every validator, each asked once, until one is silent. */
  async *each(question: ContractQuestion): AsyncGenerator<ContractAnswer> {
    const known = this.#deps.peers();
    const first = this.#nextPeer++;
    for (let at = 0; at < known.length; at++) {
      const answer = await this.#askPeer(known[(first + at) % known.length]!, question);
      if (answer === undefined) return;
      yield answer;
    }
  }

  #askOnce(question: ContractQuestion): Promise<ContractAnswer | undefined> {
    const known = this.#deps.peers();
    const peer = known[this.#nextPeer++ % known.length];
    return peer === undefined ? Promise.resolve(undefined) : this.#askPeer(peer, question);
  }

  #askPeer(peer: string, question: ContractQuestion): Promise<ContractAnswer | undefined> {
    const { bus, clock } = this.#deps;
    const { channel, self } = this.#options;
    const id = this.#nextId++;
    return new Promise((resolve) => {
      const cancel = clock.after(ANSWER_TIMEOUT_MS, () => finish(undefined));
      const finish = (answer: ContractAnswer | undefined) => {
        cancel();
        this.#open.delete(id);
        resolve(answer);
      };
      this.#open.set(id, finish);
      bus.publish(topics.sync(channel, peer, self), encodeContractQuery({ id, question }));
    });
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.#deps.clock.after(ms, resolve);
    });
  }

  #receive(payload: Uint8Array): void {
    if (this.#open.size === 0) return;
    try {
      const answer = decodeContractAnswer(payload);
      this.#open.get(answer.id)?.(answer);
    } catch (thrown) {
      // Answers to other questions come on the same topic.
      if (!(thrown instanceof Fault)) throw thrown;
    }
  }
}
