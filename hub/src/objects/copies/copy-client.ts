import { Fault } from "@gridledger/protocol/faults";
import { type CopyAnswer, decodeCopyAnswer } from "@gridledger/protocol/messages/copy-answer";
import { type CopyPiece, decodeCopyPiece } from "@gridledger/protocol/messages/copy-piece";
import { decodeKeepCopy, type KeepCopy } from "@gridledger/protocol/messages/keep-copy";
import { peekMessageType } from "@gridledger/protocol/messages/message-type";
import { messageType } from "@gridledger/protocol/messages/numbers";
import { filters, parseTopic, topics } from "@gridledger/protocol/topics";
import type { Bus } from "../../bus.ts";
import type { Clock } from "../../clock.ts";

const ANSWER_TIMEOUT_MS = 3_000;
/** A message that a full connection has dropped is sent once more. */
const TRIES = 2;

export type CopyReply =
  | { readonly type: "answer"; readonly message: CopyAnswer }
  | { readonly type: "piece"; readonly message: CopyPiece }
  | { readonly type: "opening"; readonly message: KeepCopy };

interface ClientDeps {
  readonly bus: Bus;
  readonly clock: Clock;
}

interface ClientOptions {
  readonly channel: string;
  /** The hub's identity id. */
  readonly self: string;
}

interface Waiting {
  readonly peer: string;
  readonly finish: (reply: CopyReply | undefined) => void;
}

/** Asks holders, and waits for what they say: one message a question, so that no connection fills. */
export class CopyClient {
  readonly #deps: ClientDeps;
  readonly #options: ClientOptions;
  readonly #waiting = new Map<number, Waiting>();
  readonly #heardMs = new Map<string, number>();
  #nextId = 1;
  #isStopped = false;

  constructor(deps: ClientDeps, options: ClientOptions) {
    this.#deps = deps;
    this.#options = options;
  }

  start(): void {
    const { channel, self } = this.#options;
    this.#deps.bus.subscribe(filters.copies(channel, self), (topic, payload) => {
      this.#receive(parseTopic(topic).publisher, new Uint8Array(payload));
    });
  }

  /** Nobody waits any more. */
  stop(): void {
    this.#isStopped = true;
    for (const { finish } of this.#waiting.values()) finish(undefined);
  }

  /** When a holder last answered, Unix time in ms. */
  heardMs(peer: string): number | undefined {
    return this.#heardMs.get(peer);
  }

  /** @throws Fault COPY_SILENT */
  async ask(peer: string, encode: (id: number) => Uint8Array): Promise<CopyReply> {
    const id = this.#nextId++;
    const message = encode(id);
    for (let left = TRIES; left > 0 && !this.#isStopped; left--) {
      const reply = await this.#askOnce(peer, id, message);
      if (reply !== undefined) return reply;
    }
    throw new Fault("COPY_SILENT", peer);
  }

  #askOnce(peer: string, id: number, message: Uint8Array): Promise<CopyReply | undefined> {
    const { bus, clock } = this.#deps;
    const { channel, self } = this.#options;
    return new Promise((resolve) => {
      const cancel = clock.after(ANSWER_TIMEOUT_MS, () => finish(undefined));
      const finish = (reply: CopyReply | undefined) => {
        cancel();
        this.#waiting.delete(id);
        resolve(reply);
      };
      this.#waiting.set(id, { peer, finish });
      bus.publish(topics.copies(channel, peer, self), message);
    });
  }

  #receive(publisher: string, payload: Uint8Array): void {
    try {
      const reply = open(payload);
      const waiting = reply && this.#waiting.get(reply.message.id);
      if (waiting?.peer !== publisher) return;
      this.#heardMs.set(publisher, this.#deps.clock.now());
      waiting.finish(reply);
    } catch (thrown) {
      // What is not well formed counts as silence.
      if (!(thrown instanceof Fault)) throw thrown;
    }
  }
}

function open(payload: Uint8Array): CopyReply | undefined {
  const type = peekMessageType(payload);
  if (type === messageType.copyAnswer)
    return { type: "answer", message: decodeCopyAnswer(payload) };
  if (type === messageType.copyPiece) return { type: "piece", message: decodeCopyPiece(payload) };
  if (type === messageType.keepCopy) return { type: "opening", message: decodeKeepCopy(payload) };
  return undefined;
}
