import { Fault } from "@gridledger/protocol/faults";
import type { Clock } from "../clock.ts";
import type { Feed, FeedEvent } from "../feed/feed.ts";
import { EventStream } from "./event-stream.ts";

const MAX_CLIENTS = 200;
const MAX_CLIENTS_PER_ADDRESS = 20;
const HEARTBEAT_MS = 15_000;
const MAX_MISSED_BLOCKS = 1_000;

interface StreamsDeps {
  readonly feed: Pick<Feed, "subscribe" | "snapshot" | "missed">;
  readonly clock: Clock;
}

interface StreamRequest {
  readonly address: string;
  /** The last block the client has seen: those it missed come first. */
  readonly afterHeight: number | undefined;
  /** Ends the client's connection. */
  readonly drop: (() => void) | undefined;
  /** Rejects once the client may not listen any more. */
  readonly recheck: () => Promise<unknown>;
}

/** All clients of the event stream. */
export class EventStreams {
  readonly #deps: StreamsDeps;
  readonly #open = new Map<EventStream, Pick<StreamRequest, "address" | "recheck">>();
  #unsubscribe: () => void = () => {};
  #cancelBeat: () => void = () => {};

  constructor(deps: StreamsDeps) {
    this.#deps = deps;
  }

  start(): void {
    this.#unsubscribe = this.#deps.feed.subscribe((event) => {
      for (const stream of this.#open.keys()) stream.send(event);
    });
    this.#beat();
  }

  /** Ends all streams. */
  stop(): void {
    this.#unsubscribe();
    this.#cancelBeat();
    for (const stream of [...this.#open.keys()]) stream.close();
  }

  get size(): number {
    return this.#open.size;
  }

  /** @throws Fault RATE_LIMITED when too many listen */
  open({ address, afterHeight, drop, recheck }: StreamRequest): Response {
    const ofAddress = [...this.#open.values()].filter((other) => other.address === address).length;
    if (this.#open.size >= MAX_CLIENTS || ofAddress >= MAX_CLIENTS_PER_ADDRESS) {
      throw new Fault("RATE_LIMITED", "too many event streams", { data: { retryAfterS: 10 } });
    }
    const onEnd = (ended: EventStream) => this.#open.delete(ended);
    const stream = new EventStream({ onEnd, drop }, afterHeight);
    this.#open.set(stream, { address, recheck });
    this.#first(afterHeight).then(
      (events) => stream.begin(events),
      (thrown: unknown) => stream.fail(thrown),
    );
    const headers = {
      "content-type": "text/event-stream",
      "cache-control": "no-store",
      "x-accel-buffering": "no", // nginx would hold events back
    };
    return new Response(stream.body, { headers });
  }

  /** Ends the streams of those who may not listen any more: signed out, expired, disabled, or by a new rule. */
  recheck(): void {
    for (const [stream, { recheck }] of this.#open) recheck().catch(() => stream.close());
  }

  /** How things are, and what the client missed. */
  async #first(afterHeight: number | undefined): Promise<FeedEvent[]> {
    const { feed } = this.#deps;
    const now = await feed.snapshot();
    if (afterHeight === undefined) return now;
    return [...now, ...(await feed.missed(afterHeight, MAX_MISSED_BLOCKS))];
  }

  #beat(): void {
    this.#cancelBeat = this.#deps.clock.after(HEARTBEAT_MS, () => {
      for (const stream of this.#open.keys()) stream.beat();
      this.recheck();
      this.#beat();
    });
  }
}
