import { asFault } from "@gridledger/protocol/faults";
import { formatHex } from "@gridledger/protocol/hex";
import {
  type ContractEvents,
  type EventPlace,
  encodeContractEvents,
  eventBytes,
} from "@gridledger/protocol/messages/contract-events";
import { decodeGetContractEvents } from "@gridledger/protocol/messages/get-contract-events";
import { filters, parseTopic, topics } from "@gridledger/protocol/topics";
import type { Bus } from "../../bus.ts";
import type { Log } from "../../log.ts";
import type { ContractQueries, LogRow } from "./contract-queries.ts";

const PAGE = 256;
/** Constrained gateways take no larger message. */
const MAX_EVENT_BYTES = 196_608;
/** Questions that wait; a further one is dropped, and its asker asks again. */
const MAX_OPEN = 64;

interface PublisherDeps {
  readonly bus: Bus;
  readonly queries: Pick<ContractQueries, "logs" | "logsOf" | "lastLogBefore">;
  readonly log: Log;
}

interface PublisherOptions {
  readonly channel: string;
  /** The hub's identity id. */
  readonly self: string;
}

/** Tells the events of contracts over MQTT, and again to who has missed some (guide §4.3.4). */
export class EventPublisher {
  readonly #deps: PublisherDeps;
  readonly #options: PublisherOptions;
  #open = 0;
  #work: Promise<void> = Promise.resolve();

  constructor(deps: PublisherDeps, options: PublisherOptions) {
    this.#deps = deps;
    this.#options = options;
  }

  start(): void {
    const { channel, self } = this.#options;
    this.#deps.bus.subscribe(filters.contractQuestions(channel, self), (topic, payload) =>
      this.#onQuestion(topic, payload),
    );
  }

  /** Waits for what is being read. */
  async stop(): Promise<void> {
    this.#open = MAX_OPEN;
    await this.#work;
  }

  /** The logs of this block are in the store. */
  onHeight(height: number): void {
    this.#next(() => this.#tell(height));
  }

  #onQuestion(topic: string, payload: Uint8Array): void {
    this.#next(async () => {
      const asker = parseTopic(topic).publisher;
      const { address, from } = decodeGetContractEvents(payload);
      const rows = await this.#deps.queries.logs({ address }, from, PAGE);
      this.#publish(asker, events(address, from, rows));
    });
  }

  /** One after the other, so that what is told of a contract stays in order. */
  #next(work: () => Promise<void>): void {
    if (this.#open >= MAX_OPEN) return;
    this.#open++;
    this.#work = this.#work.then(work).then(
      () => {
        this.#open--;
      },
      (thrown: unknown) => {
        this.#open--;
        const { code, message } = asFault(thrown);
        this.#deps.log.debug({ code, detail: message }, "contract events were not told");
      },
    );
  }

  async #tell(height: number): Promise<void> {
    const { queries } = this.#deps;
    const byContract = new Map<string, LogRow[]>();
    for (const row of await queries.logsOf(height)) {
      const key = formatHex(row.address);
      const some = byContract.get(key);
      if (some === undefined) byContract.set(key, [row]);
      else some.push(row);
    }
    for (const [key, rows] of byContract) {
      const { address } = rows[0]!;
      const last = await queries.lastLogBefore(address, height);
      let from = last === undefined ? { height: 0, index: 0 } : behind(last);
      while (rows.length > 0) {
        const told = events(address, from, rows);
        this.#publish(key.slice(0, 20), told);
        rows.splice(0, told.events.length);
        from = told.next;
      }
    }
  }

  #publish(to: string, told: ContractEvents): void {
    const { channel, self } = this.#options;
    this.#deps.bus.publish(topics.contractEvents(channel, to, self), encodeContractEvents(told));
  }
}

/** As many rows as one message holds; at least one. */
function events(address: Uint8Array, from: EventPlace, rows: readonly LogRow[]): ContractEvents {
  const taken: LogRow[] = [];
  let bytes = 0;
  for (const row of rows) {
    bytes += eventBytes(row);
    if (taken.length === PAGE || (bytes > MAX_EVENT_BYTES && taken.length > 0)) break;
    taken.push(row);
  }
  const last = taken.at(-1);
  return { address, from, next: last === undefined ? from : behind(last), events: taken };
}

function behind({ height, index }: EventPlace): EventPlace {
  return { height, index: index + 1 };
}
