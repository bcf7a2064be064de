import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { decodeTransaction } from "@gridledger/protocol/ledger/transaction";
import { Bridge, type BridgeOptions } from "../../firmware-bridge/src/bridge.ts";
import type { Readout } from "../../firmware-bridge/src/metering/readout.ts";
import { Spool } from "../../firmware-bridge/src/spool/spool.ts";
import { chain, createdMs, deviceRing, owner, quiet, TestNetwork } from "./test-chain.ts";
import { until, VirtualClock } from "./virtual-clock.ts";

const startMs = createdMs + 86_400_000;
const defaults: BridgeOptions = {
  maxReadings: 3,
  maxDelayMs: 60_000,
  window: 64,
  windowPerMeter: 4,
  retryMs: 1_000,
  maxRetryMs: 60_000,
};

let folder: string;
let clock: VirtualClock;
let network: TestNetwork;
let open: Bridge[] = [];
let errors: { code?: string; meter?: string; sequence?: number }[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "bridge-"));
  clock = new VirtualClock(startMs);
  network = new TestNetwork();
  errors = [];
});

afterEach(async () => {
  await Promise.all(open.map((bridge) => bridge.stop()));
  open = [];
  rmSync(folder, { recursive: true });
});

async function startBridge(
  options: Partial<BridgeOptions> = {},
  maxBytes = 1e8,
  keys = deviceRing(),
): Promise<Bridge> {
  const spool = await Spool.open(join(folder, "spool"), owner, maxBytes);
  const random = () => 0.5;
  const log = { ...quiet, error: (data: object) => errors.push(data) };
  const deps = { chain, keys, spool, uplink: network, clock, log, random };
  const bridge = new Bridge(deps, { ...defaults, ...options });
  open.push(bridge);
  await bridge.start();
  return bridge;
}

function readout(meter: string, i: number, extra: Partial<Readout> = {}): Readout {
  return {
    meter,
    atMs: startMs - 3_600_000 + i * 1_000,
    receivedMs: clock.nowMs(),
    registers: [{ obis: "1-0:1.8.0", unit: "Wh", scaler: 0, value: 1_000 + i }],
    flags: [],
    ...extra,
  };
}

async function feed(bridge: Bridge, meter: string, from: number, count: number): Promise<void> {
  for (let i = from; i < from + count; i++) await bridge.accept(readout(meter, i));
}

/** A bridge whose first batch, the meter's three first readings, has come to the network. */
async function startSending(): Promise<Bridge> {
  const bridge = await startBridge();
  await feed(bridge, "m1", 0, 3);
  await until(() => network.received.length === 1);
  return bridge;
}

/** What the chain holds of the meter: the values of register 1.8.0 in order. */
function onChain(meter: string): (number | null)[] {
  return (network.batches.get(meter) ?? []).flatMap(({ registers }) => registers[0]?.values ?? []);
}

const values = (count: number) => Array.from({ length: count }, (_, i) => 1_000 + i);

describe("batches", () => {
  it("a full batch is sent; its successor links to it", async () => {
    const bridge = await startBridge();
    await feed(bridge, "m1", 0, 6);
    await until(() => network.received.length === 2);
    network.makeBlock();
    await until(() => bridge.counters.publisher.inFlight === 0);
    assert.deepEqual(onChain("m1"), values(6));
    assert.deepEqual(
      network.batches.get("m1")?.map(({ sequence }) => sequence),
      [1, 2],
    );
    assert.equal(bridge.counters.spool.usedBytes, 0);
  });

  it("readings that do not fill a batch wait for its longest delay", async () => {
    const bridge = await startBridge();
    await feed(bridge, "m1", 0, 2);
    clock.advance(59_999);
    assert.equal(bridge.counters.intake.sealed, 0);
    clock.advance(1);
    await until(() => network.received.length === 1);
    network.makeBlock();
    assert.deepEqual(onChain("m1"), values(2));
  });

  it("a change of the registers begins a new batch", async () => {
    const bridge = await startBridge({ maxReadings: 100 });
    await feed(bridge, "m1", 0, 2);
    const registers = [{ obis: "1-0:2.8.0", unit: "Wh", scaler: 0, value: 5 }];
    await bridge.accept(readout("m1", 2, { registers }));
    await until(() => network.received.length === 1);
    clock.advance(60_000);
    await until(() => network.makeBlock() >= 0 && onChain("m1").length === 3);
    assert.deepEqual(onChain("m1"), [1_000, 1_001, 5]);
  });

  it("a repeated readout is kept once; an earlier one of other value gets the time of receipt", async () => {
    const bridge = await startBridge();
    await bridge.accept(readout("m1", 0));
    await bridge.accept(readout("m1", 0));
    assert.equal(bridge.counters.intake.repeats, 1);
    await bridge.accept(readout("m1", -5, { registers: readout("m1", 9).registers }));
    clock.advance(60_000);
    await until(() => network.received.length === 1);
    network.makeBlock();
    const [batch] = network.batches.get("m1") ?? [];
    assert.deepEqual(batch?.timesMs, [startMs - 3_600_000, startMs]);
  });

  it("what no batch can hold is refused with a code", async () => {
    const bridge = await startBridge();
    const refuses = (extra: Partial<Readout>, code = "READOUT_INVALID") =>
      assert.rejects(bridge.accept(readout("m1", 0, extra)), { code });
    const register = { obis: "1-0:1.8.0", unit: "Wh", scaler: 0, value: 1 };
    await refuses({ meter: "two words" });
    await refuses({ meter: "m".repeat(49) });
    await refuses({ registers: [] });
    await refuses({ registers: [register, register] });
    await refuses({ registers: [{ ...register, value: 1.5 }] });
    await refuses({ registers: [{ ...register, obis: "1.8.0" }] }, "BATCH_SHAPE");
    await refuses({ registers: [{ ...register, unit: "furlong" }] }, "BATCH_SHAPE");
    assert.equal(bridge.counters.intake.refused, 7);
  });

  it("a meter's clock far ahead does not lock out its later readings", async () => {
    const bridge = await startBridge({ maxReadings: 2 });
    await bridge.accept(readout("m1", 0, { atMs: startMs + 86_400_000 * 400 }));
    clock.advance(1_000);
    await bridge.accept(readout("m1", 1, { atMs: clock.nowMs() }));
    await until(() => network.received.length === 1);
    network.makeBlock();
    assert.deepEqual(network.batches.get("m1")?.[0]?.timesMs, [startMs, startMs + 1_000]);
  });
});

describe("publishing", () => {
  it("a lost message is sent again with growing waits, byte for byte", async () => {
    const bridge = await startBridge();
    network.refuseWith = "TX_REPLAYED";
    await feed(bridge, "m1", 0, 3);
    await until(() => network.received.length === 1);
    for (const [i, waitMs] of [1_000, 2_000, 4_000].entries()) {
      await until(() => clock.timers > 0);
      clock.advance(waitMs - 1);
      assert.equal(network.received.length, i + 1);
      clock.advance(1);
      await until(() => network.received.length === i + 2);
    }
    assert.equal(new Set(network.received.map((tx) => Buffer.from(tx).toString("hex"))).size, 1);
  });

  it("says nothing when nothing waits", async () => {
    const bridge = await startSending();
    network.makeBlock();
    await until(() => bridge.counters.publisher.inFlight === 0);
    await until(() => clock.timers === 0);
    clock.advance(86_400_000);
    assert.equal(network.messages, 1);
  });

  it("a window of batches per meter is in flight, in order, and the rest follows", async () => {
    const bridge = await startBridge({ maxReadings: 1 });
    await feed(bridge, "m1", 0, 10);
    await until(() => network.received.length === 4);
    assert.equal(bridge.counters.publisher.inFlight, 4);
    for (let made = 0; made < 10; ) {
      made += network.makeBlock();
      await new Promise((resolve) => setImmediate(resolve));
    }
    assert.deepEqual(onChain("m1"), values(10));
  });

  it("while the broker is away all is kept, and sent when it is back", async () => {
    const bridge = await startBridge({ maxReadings: 1, window: 8 });
    network.disconnect();
    for (const meter of ["a", "b", "c"]) await feed(bridge, meter, 0, 5);
    await until(() => bridge.counters.publisher.waiting === 15);
    network.connect();
    for (let made = 0; made < 15; ) {
      made += network.makeBlock();
      await new Promise((resolve) => setImmediate(resolve));
    }
    for (const meter of ["a", "b", "c"]) assert.deepEqual(onChain(meter), values(5));
  });

  it("a receipt without a quorum of signatures frees nothing", async () => {
    const bridge = await startSending();
    network.makeBlock({ signers: 2 });
    await until(() => bridge.counters.publisher.badReceipts === 1);
    assert.equal(bridge.counters.publisher.inFlight, 1);
  });

  it("a lost receipt is made good by that of a later batch", async () => {
    const bridge = await startSending();
    network.makeBlock({ loseReceipt: true });
    await feed(bridge, "m1", 3, 3);
    await until(() => network.received.length === 2);
    network.makeBlock();
    await until(() => bridge.counters.publisher.inFlight === 0);
    assert.equal(bridge.counters.spool.usedBytes, 0);
  });

  it("of a batch signed twice, the first final and its receipt lost, the receipt is asked for again", async () => {
    const bridge = await startSending();
    network.makeBlock({ loseReceipt: true });
    // A false hint makes it sign again; that second transaction can never be final.
    network.refuse(decodeTransaction(chain.suite, network.received[0]!).hash, "TX_EXPIRED");
    await until(() => {
      clock.advance(500);
      return bridge.counters.spool.usedBytes === 0;
    });
    assert.equal(bridge.counters.publisher.signed, 2);
    assert.equal(bridge.counters.publisher.inFlight, 0);
    assert.deepEqual(onChain("m1"), values(3));
  });

  it("an expired batch is signed again with the same payload", async () => {
    network.height = 10_000;
    const bridge = await startSending();
    await until(() => clock.timers > 0);
    clock.advance(1_000);
    await until(() => network.received.length === 2);
    const [first, second] = network.received.map((tx) => decodeTransaction(chain.suite, tx));
    assert.deepEqual(first?.payload, second?.payload);
    assert.ok((second?.validUntilHeight ?? 0) > 10_000);
    network.makeBlock();
    await until(() => bridge.counters.publisher.inFlight === 0);
  });

  it("a crowded mempool slows it down, and nothing is lost", async () => {
    const bridge = await startBridge({ maxReadings: 1 });
    network.refuseWith = "MEMPOOL_FULL";
    await feed(bridge, "m1", 0, 3);
    await until(() => bridge.counters.publisher.refusals.MEMPOOL_FULL !== undefined);
    network.refuseWith = undefined;
    for (let made = 0; made < 3; ) {
      clock.advance(1_000);
      made += network.makeBlock();
      await new Promise((resolve) => setImmediate(resolve));
    }
    assert.deepEqual(onChain("m1"), values(3));
  });

  it("a refusal that only a person can mend is tried again rarely and keeps the batch", async () => {
    const bridge = await startBridge();
    network.refuseWith = "METER_OWNED";
    await feed(bridge, "m1", 0, 3);
    await until(() => bridge.counters.publisher.refusals.METER_OWNED === 1);
    network.refuseWith = undefined;
    await until(() => clock.timers > 0);
    clock.advance(59_000);
    assert.equal(network.received.length, 1);
    clock.advance(1_000);
    await until(() => network.received.length === 2);
    network.makeBlock();
    assert.deepEqual(onChain("m1"), values(3));
  });
});

describe("a bridge that starts again", () => {
  it("goes on with sequence, link, open readings and pending batches", async () => {
    const first = await startBridge();
    await feed(first, "m1", 0, 4);
    await until(() => network.received.length === 1);
    await first.stop();
    network.detach();
    const second = await startBridge();
    await feed(second, "m1", 4, 2);
    await until(() => network.received.length >= 3);
    network.makeBlock();
    await until(() => second.counters.publisher.inFlight === 0);
    assert.deepEqual(onChain("m1"), values(6));
    assert.deepEqual(network.received[0], network.received[1], "the same signed bytes");
  });

  it("recognises the receipt of a transaction that it signed in an earlier life", async () => {
    const first = await startBridge();
    await feed(first, "m1", 0, 3);
    await until(() => network.received.length === 1);
    await first.stop();
    network.detach();
    const second = await startBridge();
    network.makeBlock();
    await until(() => second.counters.spool.usedBytes === 0, "retiring the batch");
  });

  it("does not take a readout again that it had before", async () => {
    const first = await startBridge();
    await feed(first, "m1", 0, 3);
    await until(() => network.received.length === 1);
    await first.stop();
    network.detach();
    const second = await startBridge();
    await second.accept(readout("m1", 2));
    assert.equal(second.counters.intake.repeats, 1);
  });

  it("start and stop may be called twice", async () => {
    const bridge = await startBridge();
    await bridge.start();
    await Promise.all([bridge.stop(), bridge.stop()]);
  });
});

describe("a lost spool", () => {
  it("whose meter is ahead on chain is said with a code, and tried rarely from then on", async () => {
    const first = await startBridge();
    await feed(first, "m1", 0, 6);
    await until(() => network.received.length === 2);
    network.makeBlock();
    await until(() => first.counters.publisher.inFlight === 0);
    await first.stop();
    network.detach();
    rmSync(folder, { recursive: true });
    folder = mkdtempSync(join(tmpdir(), "bridge-"));

    await startBridge();
    const bridge = open.at(-1)!;
    network.refuseWith = "BATCH_STALE";
    const before = network.received.length;
    await feed(bridge, "m1", 100, 6);
    for (let second = 0; second < 120 && errors.length === 0; second++) {
      clock.advance(1_000);
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    assert.deepEqual(errors, [{ meter: "m1", sequence: 1, code: "SPOOL_BEHIND" }]);
    await until(() => clock.timers > 0);
    const sent = network.received.length;
    assert.ok(sent - before <= 10, `${sent - before} sends until it was said`);
    for (let second = 0; second < 55; second++) {
      clock.advance(1_000);
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    assert.ok(network.received.length - sent <= 2, "it is not sent again within the longest wait");
    clock.advance(60_000);
    await until(() => errors.length === 2, "said again with the next try");
    assert.ok(bridge.counters.spool.usedBytes > 0, "nothing is thrown away");
  });

  it("a batch that is called stale and whose receipt comes late is final all the same", async () => {
    const bridge = await startSending();
    const { hash } = decodeTransaction(chain.suite, network.received[0]!);
    for (let i = 0; i < 6; i++) {
      network.refuse(hash, "BATCH_STALE");
      clock.advance(1_000);
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    network.makeBlock();
    await until(() => bridge.counters.publisher.inFlight === 0);
    assert.deepEqual(onChain("m1"), values(3));
  });
});

describe("a full spool", () => {
  it("refuses with a code and a count, sends what it has, and takes readings again", async () => {
    const bridge = await startBridge({ maxReadings: 10 }, 2_000);
    network.disconnect();
    let taken = 0;
    await assert.rejects(
      async () => {
        for (; taken < 1_000; taken++) await bridge.accept(readout("m1", taken));
      },
      { code: "SPOOL_FULL" },
    );
    assert.equal(bridge.counters.spool.refusedFull, 1);
    network.connect();
    clock.advance(60_000);
    await until(() => network.received.length > 0);
    await until(() => {
      network.makeBlock();
      return bridge.counters.spool.usedBytes < 1_000;
    });
    await bridge.accept(readout("m1", taken));
    assert.ok(onChain("m1").length > 0);
  });
});
