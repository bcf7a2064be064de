import type { FeedEvent } from "../feed/feed.ts";

/** A client that has not read this much is dropped; it comes back and says where it was. */
const MAX_BACKLOG_BYTES = 262_144;
const RETRY_MS = 3_000;

interface StreamDeps {
  /** Called once, whoever ended it. */
  readonly onEnd: (stream: EventStream) => void;
  /** Ends the client's connection; undefined where there is no socket. */
  readonly drop: (() => void) | undefined;
}

const utf8 = new TextEncoder();

/** One client of the event stream (WHATWG HTML §9.2). */
export class EventStream {
  readonly body: ReadableStream<Uint8Array>;
  readonly #deps: StreamDeps;
  #controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  #lastHeight: number;
  /** Live events that came before the missed ones are read. */
  #early: FeedEvent[] | undefined = [];

  /** @param afterHeight the last block the client has seen */
  constructor(deps: StreamDeps, afterHeight: number | undefined) {
    this.#deps = deps;
    this.#lastHeight = afterHeight ?? -1;
    this.body = new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          this.#controller = controller;
          this.#write(`retry: ${RETRY_MS}\n\n`);
        },
        cancel: () => {
          this.#end();
        },
      },
      new ByteLengthQueuingStrategy({ highWaterMark: MAX_BACKLOG_BYTES }),
    );
  }

  /** What stands before all live events: how things are, and the missed blocks. */
  begin(events: readonly FeedEvent[]): void {
    const early = this.#early ?? [];
    this.#early = undefined;
    for (const event of [...events, ...early]) this.send(event);
  }

  send(event: FeedEvent): void {
    if (this.#early !== undefined) {
      this.#early.push(event);
      return;
    }
    // A block can be among the missed ones and come live as well.
    if (event.height !== undefined && event.height <= this.#lastHeight) return;
    this.#lastHeight = event.height ?? this.#lastHeight;
    this.#write(formatEvent(event));
  }

  /** A comment, so that nobody on the way takes the stream for dead. */
  beat(): void {
    this.#write(": still here\n\n");
  }

  close(): void {
    this.#end()?.close();
  }

  fail(cause: unknown): void {
    this.#end()?.error(cause);
  }

  #write(text: string): void {
    const controller = this.#controller;
    if (controller === undefined) return;
    controller.enqueue(utf8.encode(text));
    if ((controller.desiredSize ?? 0) > 0) return;
    const { drop } = this.#deps;
    if (drop === undefined) this.fail(new Error("the client reads too slowly"));
    else {
      this.#end();
      drop();
    }
  }

  /** The controller, the first time. */
  #end(): ReadableStreamDefaultController<Uint8Array> | undefined {
    const controller = this.#controller;
    this.#controller = undefined;
    if (controller !== undefined) this.#deps.onEnd(this);
    return controller;
  }
}

function formatEvent({ name, height, data }: FeedEvent): string {
  const id = height === undefined ? "" : `id: ${height}\n`;
  return `event: ${name}\n${id}data: ${data}\n\n`;
}
