import { ADDRESS_BYTES } from "../contracts/address.ts";
import { Fault } from "../faults.ts";
import { openMessage, startMessage } from "./envelope.ts";
import { messageType } from "./numbers.ts";

const MAX_DATA_BYTES = 131_072;
const MAX_MESSAGE_BYTES = 262_144;
const MAX_EVENTS = 512;
const MAX_TOPICS = 4;
const TOPIC_BYTES = 32;
/** Above it numbers are no longer exact. */
const MAX_HEIGHT = Number.MAX_SAFE_INTEGER;
const MAX_INDEX = 65_536;

/** A place among the events of a channel: `index` is the running number in the block. */
export interface EventPlace {
  readonly height: number;
  readonly index: number;
}

export interface ContractEvent extends EventPlace {
  readonly txIndex: number;
  readonly topics: readonly Uint8Array[];
  readonly data: Uint8Array;
}

/**
 * All events of a contract from one place on and before another (guide §4.3.4):
 * `[version, 22, address, fromHeight, fromIndex, nextHeight, nextIndex, [[height, index, txIndex, [topic …], data] …]]`.
 * Who holds every event before `from` holds every event before `next` afterwards; who does not, asks
 * (`get-contract-events`).
 */
export interface ContractEvents {
  readonly address: Uint8Array;
  readonly from: EventPlace;
  readonly next: EventPlace;
  /** Ascending. */
  readonly events: readonly ContractEvent[];
}

/** Negative where `a` stands before `b`. */
export function comparePlaces(a: EventPlace, b: EventPlace): number {
  return a.height - b.height || a.index - b.index;
}

/** What an event takes in a message, at most. */
export function eventBytes({ topics, data }: ContractEvent): number {
  return 40 + topics.length * (TOPIC_BYTES + 2) + data.length;
}

export function encodeContractEvents({ address, from, next, events }: ContractEvents): Uint8Array {
  const size = events.reduce((sum, event) => sum + eventBytes(event), 96);
  const writer = startMessage(messageType.contractEvents, 8, size).bytes(address);
  writer.uint(from.height).uint(from.index).uint(next.height).uint(next.index);
  writer.array(events.length);
  for (const { height, index, txIndex, topics, data } of events) {
    writer.array(5).uint(height).uint(index).uint(txIndex).array(topics.length);
    for (const topic of topics) writer.bytes(topic);
    writer.bytes(data);
  }
  return writer.finish();
}

/** @throws Fault CBOR_* */
export function decodeContractEvents(encoded: Uint8Array): ContractEvents {
  const reader = openMessage(encoded, {
    name: "contract events",
    type: messageType.contractEvents,
    items: 8,
    maxBytes: MAX_MESSAGE_BYTES,
  });
  const place = () => ({
    height: reader.uint("height", MAX_HEIGHT),
    index: reader.uint("index", MAX_INDEX),
  });
  const address = reader.fixedBytes("address", ADDRESS_BYTES);
  const from = place();
  const next = place();
  const events: ContractEvent[] = [];
  let least = from;
  for (let left = reader.array("events", MAX_EVENTS); left > 0; left--) {
    reader.tuple("event", 5);
    const at = place();
    const txIndex = reader.uint("txIndex", MAX_INDEX);
    const topics: Uint8Array[] = [];
    for (let more = reader.array("topics", MAX_TOPICS); more > 0; more--) {
      topics.push(reader.fixedBytes("topic", TOPIC_BYTES));
    }
    if (comparePlaces(at, least) < 0) throw new Fault("CBOR_SHAPE", "events must ascend");
    least = { height: at.height, index: at.index + 1 };
    events.push({ ...at, txIndex, topics, data: reader.bytes("data", MAX_DATA_BYTES) });
  }
  if (comparePlaces(next, least) < 0) throw new Fault("CBOR_SHAPE", "next stands before an event");
  reader.end();
  return { address, from, next, events };
}
