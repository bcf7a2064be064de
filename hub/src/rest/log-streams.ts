import { Fault } from "@gridledger/protocol/faults";
import { logView } from "../feed/log-view.ts";
import type { ContractIndex } from "../index/contracts/contract-index.ts";
import type { LogFilter } from "../index/contracts/contract-queries.ts";
import { bytesOf } from "./contract-view.ts";

const MAX_STREAMS = 100;
const PAGE = 200;
const RETRY_MS = 3_000;
const MAX_BACKLOG_BYTES = 262_144;
const utf8 = new TextEncoder();

interface Place {
  readonly height: number;
  readonly index: number;
}

export interface LogSubscription {
  readonly address: string | undefined;
  readonly topic: string | undefined;
  /** The last log that the client has seen, `height.index`. */
  readonly after: string | undefined;
}

/**
 * Subscriptions to events (guide §4.3.4) as server-sent events. Every log is read from the store in the
 * order of (height, index), the missed and the live alike, so that none is left out and none comes
 * twice; a client that comes back names the last one it saw.
 */
export class LogStreams {
  readonly #contracts: Pick<ContractIndex, "queries" | "onLogs">;
  #open = 0;

  constructor(contracts: Pick<ContractIndex, "queries" | "onLogs">) {
    this.#contracts = contracts;
  }

  /** @throws Fault RATE_LIMITED, REQUEST_INVALID */
  open({ address, topic, after }: LogSubscription): Response {
    if (this.#open >= MAX_STREAMS) {
      throw new Fault("RATE_LIMITED", "too many subscriptions", { data: { retryAfterS: 10 } });
    }
    const filter = { address: parse(address, 20), topic: parse(topic, 32) };
    const headers = {
      "content-type": "text/event-stream",
      "cache-control": "no-store",
      "x-accel-buffering": "no",
    };
    return new Response(this.#stream(filter, placeAfter(after)), { headers });
  }

  #stream(filter: LogFilter, from: Place): ReadableStream<Uint8Array> {
    let next = from;
    let wake: () => void = () => {};
    let isNews = false;
    let unlisten: () => unknown = () => undefined;
    return new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          this.#open++;
          unlisten = this.#contracts.onLogs(() => {
            isNews = true;
            wake();
          });
          controller.enqueue(utf8.encode(`retry: ${RETRY_MS}\n\n`));
        },
        pull: async (controller) => {
          for (;;) {
            isNews = false;
            const rows = await this.#contracts.queries.logs(filter, next, PAGE);
            for (const row of rows) {
              const data = JSON.stringify(logView(row));
              const id = `${row.height}.${row.index}`;
              controller.enqueue(utf8.encode(`event: log\nid: ${id}\ndata: ${data}\n\n`));
              next = { height: row.height, index: row.index + 1 };
            }
            if (rows.length > 0) return;
            if (!isNews) {
              await new Promise<void>((resolve) => {
                wake = resolve;
              });
            }
          }
        },
        cancel: () => {
          this.#open--;
          unlisten();
          wake();
        },
      },
      new ByteLengthQueuingStrategy({ highWaterMark: MAX_BACKLOG_BYTES }),
    );
  }
}

function parse(hex: string | undefined, bytes: number): Uint8Array | undefined {
  if (hex === undefined) return undefined;
  if (!new RegExp(`^0x[0-9a-fA-F]{${2 * bytes}}$`).test(hex)) {
    throw new Fault("REQUEST_INVALID", `not 0x and ${2 * bytes} hexadecimal digits: ${hex}`);
  }
  return bytesOf(hex);
}

function placeAfter(after: string | undefined): Place {
  if (after === undefined) return { height: 0, index: 0 };
  const match = /^(\d{1,12})\.(\d{1,5})$/.exec(after);
  if (match === null) throw new Fault("REQUEST_INVALID", "after: not height.index");
  return { height: Number(match[1]), index: Number(match[2]) + 1 };
}
