import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { EventCursor } from "@gridledger/protocol/contracts/event-cursor";
import {
  type ContractEvents,
  decodeContractEvents,
  encodeContractEvents,
} from "@gridledger/protocol/messages/contract-events";
import { encodeGetContractEvents } from "@gridledger/protocol/messages/get-contract-events";
import { topics } from "@gridledger/protocol/topics";
import fc from "fast-check";
import { ContractQueries } from "../../hub/src/index/contracts/contract-queries.ts";
import { EventPublisher } from "../../hub/src/index/contracts/event-publisher.ts";
import { positionOf } from "../../hub/src/index/position.ts";
import { Store } from "../../hub/src/store/store.ts";
import { MemoryBus } from "../support/memory-bus.ts";

const contract = Buffer.alloc(20, 0xaa);
const other = Buffer.alloc(20, 0xbb);
const hub = "0".repeat(20);
const asker = "1".repeat(20);
const silent = { debug() {}, info() {}, warn() {}, error() {} };
const heights = 12;

/** How many logs of the contract a block holds, and how many of another before each of them. */
const counts = [0, 2, 0, 1, 3, 0, 0, 1, 1, 0, 5, 1];

describe("contract events over MQTT", () => {
  let directory: string;
  let store: Store;
  const all: string[] = [];

  before(async () => {
    directory = mkdtempSync(join(tmpdir(), "gl-events-"));
    store = new Store({ file: join(directory, "hub.sqlite") });
    await store.start();
    await store.transaction(async (db) => {
      for (let height = 0; height < heights; height++) {
        for (let i = 0; i < 2 * counts[height]!; i++) {
          const isOurs = i % 2 === 1;
          if (isOurs) all.push(`${height}.${i}`);
          await db("logs").insert({
            ...{ position: positionOf(height, i), tx_index: 0, data: Buffer.of(i) },
            address: isOurs ? contract : other,
            ...{ topic: Buffer.alloc(32), topics: Buffer.alloc(32) },
          });
        }
      }
    });
  });
  after(async () => {
    await store.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  async function startPublisher() {
    const bus = new MemoryBus();
    const deps = { bus, queries: new ContractQueries(store), log: silent };
    const publisher = new EventPublisher(deps, { channel: "main", self: hub });
    publisher.start();
    return { bus, publisher };
  }

  /** What the hub says of all blocks, and its answer to a question. */
  async function hear(from: ContractEvents["from"]): Promise<ContractEvents> {
    const { bus, publisher } = await startPublisher();
    const question = encodeGetContractEvents({ address: contract, from });
    bus.publish(topics.contractEvents("main", hub, asker), question);
    await publisher.stop();
    const [answer] = bus.on(new RegExp(`/v/${asker}/`));
    return decodeContractEvents(answer!);
  }

  async function live(): Promise<ContractEvents[]> {
    const { bus, publisher } = await startPublisher();
    for (let height = 0; height < heights; height++) publisher.onHeight(height);
    await publisher.stop();
    return bus.on(/\/v\/aaaaaaaaaaaaaaaaaaaa\//).map((one) => decodeContractEvents(one));
  }

  it("reach who hears everything, each once and in order, without a question", async () => {
    const cursor = new EventCursor(contract);
    const got: string[] = [];
    for (const message of await live()) {
      const { events, missingFrom } = cursor.take(message);
      assert.equal(missingFrom, undefined);
      got.push(...events.map(({ height, index }) => `${height}.${index}`));
    }
    assert.deepEqual(got, all);
  });

  it("property: reach who loses, repeats and mixes messages and restarts, each once and in order", async () => {
    const messages = await live();
    const steps = fc.array(
      fc.record({ which: fc.nat(messages.length - 1), restarts: fc.boolean() }),
      { maxLength: 20 },
    );
    await fc.assert(
      fc.asyncProperty(steps, async (heard) => {
        let cursor = new EventCursor(contract);
        const got: string[] = [];
        const take = (message: ContractEvents) => {
          const { events, missingFrom } = cursor.take(message);
          got.push(...events.map(({ height, index }) => `${height}.${index}`));
          return missingFrom;
        };
        for (const { which, restarts } of [
          ...heard,
          { which: messages.length - 1, restarts: false },
        ]) {
          if (restarts) cursor = new EventCursor(contract, cursor.next);
          for (let from = take(messages[which]!); from !== undefined; ) {
            take(await hear(from));
            from = take(messages[which]!);
          }
        }
        assert.deepEqual(got, all);
      }),
      { numRuns: 25 },
    );
  });

  it("of another contract move nothing", () => {
    const cursor = new EventCursor(contract);
    const place = { height: 1, index: 0 };
    const message = { address: other, from: { height: 0, index: 0 }, next: place, events: [] };
    assert.deepEqual(cursor.take(message), { events: [] });
    assert.deepEqual(cursor.next, { height: 0, index: 0 });
  });

  it("that do not ascend, or pass their own end, are refused", () => {
    const event = (height: number) => ({
      ...{ height, index: 0, txIndex: 0, topics: [], data: new Uint8Array() },
    });
    const from = { height: 2, index: 0 };
    for (const [events, end] of [
      [[event(3), event(3)], 9],
      [[event(4), event(3)], 9],
      [[event(1)], 9],
      [[event(5)], 5],
      [[], 1],
    ] as const) {
      const next = { height: end, index: 0 };
      const encoded = encodeContractEvents({ address: contract, from, next, events });
      assert.throws(() => decodeContractEvents(encoded), { code: "CBOR_SHAPE" });
    }
  });
});
