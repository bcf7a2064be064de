import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { serverSentEvents } from "@gridledger/protocol/api/server-sent-events";
import fc from "fast-check";
import { ContractQueries } from "../../hub/src/index/contracts/contract-queries.ts";
import { positionOf } from "../../hub/src/index/position.ts";
import { LogStreams, type LogSubscription } from "../../hub/src/rest/log-streams.ts";
import { Store } from "../../hub/src/store/store.ts";

const [contract, other] = [Buffer.alloc(20, 0xaa), Buffer.alloc(20, 0xbb)];
const [topic, otherTopic] = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)];
const everything: LogSubscription = { address: undefined, topic: undefined, after: undefined };
const ours: LogSubscription = { ...everything, address: `0x${contract.toString("hex")}` };

describe("contract events as server-sent events", () => {
  let directory: string;
  let store: Store;
  let height = 0;
  const places: string[] = [];
  const listeners = new Set<(height: number) => void>();

  /** The door of a hub that was just started: it has nothing but its store. */
  const door = (queries: Pick<ContractQueries, "logs"> = new ContractQueries(store)) =>
    new LogStreams({
      queries: queries as ContractQueries,
      onLogs: (listener) => {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    });
  /** A block with so many logs of the contract, and one of another between each two. */
  const emit = async (count: number) => {
    height++;
    await store.transaction(async (db) => {
      for (let i = 0; i < 2 * count; i++) {
        const isOurs = i % 2 === 1;
        if (isOurs) places.push(`${height}.${i}`);
        const named = i % 4 === 1 ? topic : otherTopic;
        await db("logs").insert({
          ...{ position: positionOf(height, i), tx_index: 0, data: Buffer.of(i) },
          address: isOurs ? contract : other,
          ...{ topic: named, topics: named },
        });
      }
    });
    for (const listener of listeners) listener(height);
  };
  /** The next so many that a client hears, which then goes away. */
  const heard = async (streams: LogStreams, wanted: LogSubscription, count: number) => {
    const ids: string[] = [];
    if (count === 0) return ids;
    for await (const { id, name } of serverSentEvents(streams.open(wanted).body!)) {
      assert.equal(name, "log");
      if (ids.push(String(id)) === count) break;
    }
    return ids;
  };

  before(async () => {
    directory = mkdtempSync(join(tmpdir(), "gl-log-streams-"));
    store = new Store({ file: join(directory, "hub.sqlite") });
    await store.start();
    for (const count of [2, 0, 1, 3, 0, 150, 1]) await emit(count);
  });
  after(async () => {
    await store.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  it("property: go on behind the last that was seen, each once and in order, also across restarts", async () => {
    const cuts = fc.array(fc.integer({ min: 1, max: 60 }), { maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(cuts, async (counts) => {
        const got: string[] = [];
        for (const count of counts) {
          const left = Math.min(count, places.length - got.length);
          got.push(...(await heard(door(), { ...ours, after: got.at(-1) }, left)));
        }
        got.push(
          ...(await heard(door(), { ...ours, after: got.at(-1) }, places.length - got.length)),
        );
        assert.deepEqual(got, places);
      }),
      { numRuns: 10 },
    );
  });

  it("tell what comes while somebody listens, behind what was there already", async () => {
    const last = places.at(-1);
    const coming = heard(door(), { ...ours, after: last }, 3);
    await emit(1);
    await emit(0);
    await emit(2);
    assert.deepEqual(await coming, places.slice(-3));
  });

  it("are those of the contract and the topic that were asked for", async () => {
    const named = `0x${topic.toString("hex")}`;
    assert.deepEqual(await heard(door(), { ...ours, topic: named }, 3), ["1.1", "3.1", "4.1"]);
    assert.deepEqual(await heard(door(), everything, 3), ["1.0", "1.1", "1.2"]);
  });

  it("are refused where the place is none, and above so many at once; who goes makes room", async () => {
    const streams = door({ logs: async () => [] });
    const refused = (change: Partial<LogSubscription>) => () =>
      streams.open({ ...ours, ...change });
    for (const after of ["", "1", "1.x", "-1.0", "1.0.0"]) {
      assert.throws(refused({ after }), { code: "REQUEST_INVALID" });
    }
    assert.throws(refused({ address: "0x12" }), { code: "REQUEST_INVALID" });
    const open = Array.from({ length: 100 }, () => streams.open(ours));
    assert.throws(refused({}), { code: "RATE_LIMITED" });
    await open[0]!.body!.cancel();
    await streams.open(ours).body!.cancel();
    for (const each of open.slice(1)) await each.body!.cancel();
    assert.equal(listeners.size, 0);
  });
});
