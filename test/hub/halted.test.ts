import assert from "node:assert/strict";
import { afterEach, describe, test } from "node:test";
import { encodeTelemetry } from "@gridledger/protocol/messages/telemetry";
import { encodeTransactions } from "@gridledger/protocol/messages/transactions";
import { topics } from "@gridledger/protocol/topics";
import { ChainBuilder } from "../support/chain-builder.ts";
import { type Rig, startRig } from "./rig.ts";

const T0 = 1_750_000_000_000;

let rig: Rig | undefined;
afterEach(async () => {
  await rig?.stop();
  rig = undefined;
});

async function start() {
  const builder = new ChainBuilder();
  const started = await startRig(builder);
  rig = started;
  const beat = (index: number, poolSize: number) => {
    const validator = builder.validators[index]!;
    const { height } = started.index.head;
    const status = builder.status(validator, { height, poolSize, timeMs: started.clock.now() });
    started.bus.publish(topics.status("test", validator.id), status);
  };
  const [device] = builder.devices;
  const see = (sequenceTimeMs: number) => {
    const encoded = builder.batch(device!, { meter: "S", timesMs: [sequenceTimeMs] });
    const topic = topics.transaction("test", device!.id);
    started.bus.publish(topic, encodeTransactions([encoded]));
  };
  const addBlock = async () => {
    const timesMs = [T0 + builder.height];
    started.carry(builder.add([builder.batch(device!, { meter: "M", timesMs })]));
    await started.indexed(builder.height);
  };
  const readyz = async () => (await started.app.request("http://localhost/readyz")).status;
  const now = async () => {
    const { state, validators } = await started.status.status();
    return { state, online: validators.online, readyz: await readyz() };
  };
  return { ...started, builder, beat, see, addBlock, now };
}

describe("a network that has lost its quorum", () => {
  test("is stalled after 10 s, and who is silent is offline after 15 s", async () => {
    const { addBlock, beat, clock, now } = await start();
    await addBlock();
    for (const index of [0, 1, 2, 3]) beat(index, 0);
    assert.deepEqual(await now(), { state: "live", online: 4, readyz: 200 });
    for (let i = 0; i < 4; i++) {
      clock.advance(5_000);
      for (const index of [0, 1]) beat(index, 3);
    }
    assert.deepEqual(await now(), { state: "stalled", online: 2, readyz: 503 });
    await addBlock();
    for (const index of [0, 1, 2, 3]) beat(index, 0);
    assert.deepEqual(await now(), { state: "live", online: 4, readyz: 200 });
  });

  test("is stalled when no validator speaks any more and a transaction came by", async () => {
    const { addBlock, beat, clock, now, see } = await start();
    await addBlock();
    for (const index of [0, 1, 2, 3]) beat(index, 0);
    see(T0);
    clock.advance(21_000);
    assert.deepEqual(await now(), { state: "stalled", online: 0, readyz: 503 });
  });

  test("is idle, however long, where nothing waits", async () => {
    const { addBlock, beat, clock, now } = await start();
    await addBlock();
    for (const index of [0, 1, 2, 3]) beat(index, 0);
    clock.advance(60_000);
    assert.deepEqual(await now(), { state: "idle", online: 4, readyz: 200 });
  });

  test("is not stalled by a transaction that every validator refused", async () => {
    const { beat, clock, now, see } = await start();
    see(T0);
    clock.advance(5_000);
    beat(0, 0);
    clock.advance(20_000);
    assert.equal((await now()).state, "idle");
  });

  test("is not stalled by what a dead validator said before the last block", async () => {
    const { addBlock, beat, clock, now } = await start();
    beat(0, 7);
    await addBlock();
    clock.advance(30_000);
    assert.equal((await now()).state, "idle");
  });
});

describe("a validator that has stopped signing", () => {
  test("says so in the nodes and in the metrics, until it signs again", async () => {
    const { app, builder, bus, status } = await start();
    const { id, name } = builder.validators[1]!;
    const say = (alarm: "SIGNING_SUSPENDED" | "") => {
      const idle = {
        rssBytes: 1,
        cpuMicros: 1,
        poolSize: 0,
        diskBytes: 1,
        bytesIn: 1,
        bytesOut: 1,
        diskFreeBytes: 1,
        maxDiskBytes: 0,
        firstHeight: 1,
        syncFaults: 0,
        warning: "" as const,
      };
      const bytes = encodeTelemetry({ ...idle, startedMs: T0, alarm });
      bus.publish(topics.telemetry("test", id), bytes);
    };
    const metric = async () => {
      const text = await (await app.request("http://localhost/metrics")).text();
      return new RegExp(`^gridledger_node_suspended\\{node="${name}"\\} (\\d)$`, "m").exec(
        text,
      )?.[1];
    };
    assert.equal(status.nodes()[1]!.alarm, null);
    assert.equal(await metric(), undefined);
    say("SIGNING_SUSPENDED");
    assert.equal(status.nodes()[1]!.alarm!.code, "SIGNING_SUSPENDED");
    assert.match(status.nodes()[1]!.alarm!.detail, /signs nothing/);
    assert.equal(await metric(), "1");
    say("");
    assert.equal(status.nodes()[1]!.alarm, null);
    assert.equal(await metric(), "0");
  });
});
