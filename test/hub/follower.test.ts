import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { formatHex } from "@gridledger/protocol/hex";
import { encodeBlocks } from "@gridledger/protocol/messages/blocks";
import { decodeGetBlocks } from "@gridledger/protocol/messages/get-blocks";
import { decodeReceipt, verifyReceipt } from "@gridledger/protocol/messages/receipt";
import { encodeTransactions } from "@gridledger/protocol/messages/transactions";
import { topics } from "@gridledger/protocol/topics";
import { type BuiltBlock, ChainBuilder, decideOf, encodeBuilt } from "../support/chain-builder.ts";
import { type Rig, startRig, until } from "./rig.ts";

const T0 = 1_750_000_000_000;
const rigs: Rig[] = [];

after(async () => {
  for (const rig of rigs) await rig.stop();
});

async function newRig(builder: ChainBuilder, options: Parameters<typeof startRig>[1] = {}) {
  const rig = await startRig(builder, options);
  rigs.push(rig);
  return rig;
}

function readingsBlock(builder: ChainBuilder, meter = "M1"): BuiltBlock {
  const at = T0 + builder.height * 60_000;
  return builder.add([builder.batch(builder.devices[0]!, { meter, timesMs: [at, at + 1_000] })]);
}

/** Publishes only the DECIDE. */
function decide(rig: Rig, builder: ChainBuilder, block: BuiltBlock): void {
  const topic = topics.consensus("test", "k", builder.validators[0]!.id);
  rig.bus.publish(topic, decideOf(block));
}

/** Validators that answer getBlocks from the builder's chain. */
function serveBlocks(
  rig: Rig,
  builder: ChainBuilder,
  answer = (from: number, _peer: string): Uint8Array[] =>
    builder.blocks.slice(from - 1).map(encodeBuilt),
): string[] {
  const asked: string[] = [];
  for (const { id } of builder.validators) {
    rig.bus.subscribe(`gl/test/y/${id}/+`, (_, payload) => {
      const { fromHeight } = decodeGetBlocks(payload);
      asked.push(id);
      const blocks = answer(fromHeight, id);
      const message = encodeBlocks({ headHeight: builder.height, more: false, blocks });
      rig.bus.publish(topics.sync("test", builder.hub.id, id), message);
    });
  }
  return asked;
}

describe("the follower", () => {
  test("indexes a block whose bodies came by before its DECIDE", async () => {
    const builder = new ChainBuilder();
    const rig = await newRig(builder);
    rig.carry(readingsBlock(builder));
    await rig.indexed(1);
    assert.equal(rig.index.head.transactions, 1);
    assert.equal(rig.index.head.readings, 2);
    const stored = await rig.index.blocks.byHeight(1);
    assert.equal(formatHex(stored!.hash), formatHex(builder.blocks[0]!.hash));
  });

  test("the same DECIDE from every validator counts once", async () => {
    const builder = new ChainBuilder();
    const rig = await newRig(builder);
    const block = readingsBlock(builder);
    rig.carry(block);
    for (let i = 0; i < 4; i++) decide(rig, builder, block);
    await rig.indexed(1);
    rig.carry(readingsBlock(builder));
    await rig.indexed(2);
    assert.equal(rig.index.head.transactions, 2);
  });

  test("a forged seal is not believed", async () => {
    const builder = new ChainBuilder();
    const rig = await newRig(builder);
    const real = builder.make([]);
    const signatures = real.seal.signatures.map(({ signer }) => ({
      signer,
      signature: new Uint8Array(64).fill(1),
    }));
    rig.carry({ ...real, seal: { round: 0, signatures } });
    rig.carry(builder.make([], {}, [0, 1])); // fewer than a quorum
    rig.carry(readingsBlock(builder));
    await rig.indexed(1);
    assert.equal(formatHex(rig.index.head.hash), formatHex(builder.blocks[0]!.hash));
  });

  test("a sealed block with another parent is not taken", async () => {
    const builder = new ChainBuilder();
    const rig = await newRig(builder);
    rig.carry(builder.make([], { parentHash: new Uint8Array(32).fill(7) }));
    assert.equal(rig.index.head.height, 0);
    assert.ok(rig.lines.some(({ level, message }) => level === "error" && message.includes("fit")));
    rig.carry(readingsBlock(builder));
    await rig.indexed(1);
  });

  test("a DECIDE whose hashes are not the header's is not taken", async () => {
    const builder = new ChainBuilder();
    const rig = await newRig(builder);
    const block = readingsBlock(builder);
    rig.carry({ ...block, txHashes: [new Uint8Array(32)] });
    assert.equal(rig.index.blocksBehind, 1); // the seal is right: such a block exists
    rig.carry(block);
    await rig.indexed(1);
  });

  test("bodies that never came by are fetched with their block", async () => {
    const builder = new ChainBuilder();
    const rig = await newRig(builder);
    serveBlocks(rig, builder);
    decide(rig, builder, readingsBlock(builder));
    assert.equal(rig.index.head.height, 0);
    rig.clock.advance(200);
    await rig.indexed(1);
  });

  test("a gap is filled and the blocks after it are kept meanwhile", async () => {
    const builder = new ChainBuilder();
    const rig = await newRig(builder);
    serveBlocks(rig, builder);
    for (let i = 0; i < 5; i++) readingsBlock(builder);
    rig.carry(builder.blocks[4]!);
    assert.equal(rig.index.blocksBehind, 5);
    rig.clock.advance(200);
    await rig.indexed(5);
    assert.equal(rig.index.blocksBehind, 0);
  });

  test("a lying peer costs time and is left for the next", async () => {
    const builder = new ChainBuilder();
    const rig = await newRig(builder);
    const other = new ChainBuilder();
    other.add([]);
    const lie = encodeBuilt(other.blocks[0]!);
    // Whoever is asked first lies.
    let liar: string | undefined;
    const peers = serveBlocks(rig, builder, (from, peer) => {
      liar ??= peer;
      return peer === liar ? [lie] : builder.blocks.slice(from - 1).map(encodeBuilt);
    });
    decide(rig, builder, readingsBlock(builder));
    rig.clock.advance(20_000);
    await rig.indexed(1);
    assert.ok(new Set(peers).size > 1);
    assert.equal(formatHex(rig.index.head.hash), formatHex(builder.blocks[0]!.hash));
  });

  test("a silent peer is left after the timeout", async () => {
    const builder = new ChainBuilder();
    const rig = await newRig(builder);
    const asked: string[] = [];
    for (const { id } of builder.validators) {
      rig.bus.subscribe(`gl/test/y/${id}/+`, () => asked.push(id));
    }
    decide(rig, builder, readingsBlock(builder));
    rig.clock.advance(30_000);
    assert.equal(new Set(asked).size, 4);
  });

  test("a block larger than a message comes in parts", async () => {
    const builder = new ChainBuilder();
    const rig = await newRig(builder);
    const block = readingsBlock(builder);
    const encoded = encodeBuilt(block);
    const parts = [encoded.subarray(0, 100), encoded.subarray(100, 250), encoded.subarray(250)];
    for (const { id } of builder.validators) {
      rig.bus.subscribe(`gl/test/y/${id}/+`, () => {
        for (const [i, part] of parts.entries()) {
          const message = encodeBlocks({ headHeight: 1, more: i < 2, blocks: [part] });
          rig.bus.publish(topics.sync("test", builder.hub.id, id), message);
        }
      });
    }
    decide(rig, builder, block);
    rig.clock.advance(200);
    await rig.indexed(1);
  });

  test("garbage on every topic changes nothing", async () => {
    const builder = new ChainBuilder();
    const rig = await newRig(builder);
    const id = builder.validators[0]!.id;
    const junk = [
      new Uint8Array(0),
      Uint8Array.of(0xff),
      new Uint8Array(600_000),
      Buffer.from("hello"),
    ];
    for (const payload of junk) {
      for (const topic of [
        ...["t", "s", "m", "c/k"].map((lane) => `gl/test/${lane}/${id}`),
        ...["y", "e"].map((lane) => `gl/test/${lane}/${builder.hub.id}/${id}`),
      ]) {
        rig.bus.publish(topic, payload);
      }
    }
    rig.carry(readingsBlock(builder));
    await rig.indexed(1);
  });

  test("goes on at the indexed height after a restart", async () => {
    const builder = new ChainBuilder();
    const first = await startRig(builder);
    first.carry(readingsBlock(builder));
    first.carry(readingsBlock(builder));
    await first.indexed(2);
    await first.stop(true);
    const second = await newRig(builder, { directory: first.directoryPath });
    assert.equal(second.index.head.height, 2);
    assert.equal(second.index.head.readings, 4);
    second.carry(builder.blocks[1]!);
    second.carry(readingsBlock(builder));
    await second.indexed(3);
    assert.equal(second.index.head.transactions, 3);
  });

  test("an enrolled identity is known at once", async () => {
    const builder = new ChainBuilder();
    const rig = await newRig(builder);
    const key = builder.newKey("new device");
    const identity = { role: "device", publicKey: key.signer.publicKey, name: key.name } as const;
    rig.carry(builder.add([builder.enrolment(identity)]));
    await rig.indexed(1);
    assert.equal(rig.directory.find(key.id)?.sinceHeight, 1);
  });
});

describe("receipts", () => {
  test("each sender gets one that verifies, for its own transactions", async () => {
    const builder = new ChainBuilder();
    const rig = await newRig(builder);
    const [a, b] = [builder.devices[0]!, builder.devices[1]!];
    rig.carry(
      builder.add([
        builder.batch(a, { meter: "A1", timesMs: [T0] }),
        builder.batch(b, { meter: "B1", timesMs: [T0] }),
        builder.batch(a, { meter: "A2", timesMs: [T0] }),
      ]),
    );
    await rig.indexed(1);
    const ofA = rig.bus.on(new RegExp(`/f/${a.id}/${builder.hub.id}$`)).map(decodeReceipt);
    assert.equal(ofA.length, 1);
    assert.deepEqual(
      ofA[0]!.entries.map(({ index }) => index),
      [0, 2],
    );
    assert.equal(verifyReceipt(builder.chain, ofA[0]!), 1);
    assert.equal(rig.bus.on(new RegExp(`/f/${b.id}/`)).length, 1);
  });

  test("2,000 of one sender come in messages of at most 256 KiB", async () => {
    const builder = new ChainBuilder();
    const rig = await newRig(builder);
    const device = builder.devices[0]!;
    const batches = Array.from({ length: 2_000 }, (_, i) =>
      builder.batch(device, { meter: `M${i}`, timesMs: [T0] }),
    );
    const block = builder.add(batches);
    for (let at = 0; at < 2_000; at += 500) {
      const message = encodeTransactions(batches.slice(at, at + 500));
      rig.bus.publish(topics.transaction("test", device.id), message);
    }
    decide(rig, builder, block);
    await rig.indexed(1);
    const messages = rig.bus.on(new RegExp(`/f/${device.id}/`));
    assert.ok(messages.length > 1);
    assert.ok(messages.every((message) => message.length <= 262_144));
    const receipts = messages.map(decodeReceipt);
    for (const receipt of receipts) verifyReceipt(builder.chain, receipt);
    assert.equal(receipts.flatMap(({ entries }) => entries).length, 2_000);
  });

  test("a sender that sends a final transaction again gets its receipt again, but not often", async () => {
    const builder = new ChainBuilder();
    const rig = await newRig(builder);
    const device = builder.devices[0]!;
    const block = readingsBlock(builder);
    rig.carry(block);
    await rig.indexed(1);
    const receipts = () => rig.bus.on(new RegExp(`/f/${device.id}/`)).length;
    assert.equal(receipts(), 1);
    const message = encodeTransactions(block.transactions);
    const again = () => rig.bus.publish(topics.transaction("test", device.id), message);
    for (let i = 0; i < 100; i++) again();
    rig.clock.advance(600);
    await until(() => receipts() === 2, "the receipt is sent again");
    again();
    rig.clock.advance(600);
    again();
    rig.clock.advance(6_000);
    assert.ok(receipts() <= 3);
  });
});

describe("the validators' heartbeats", () => {
  test("a signed status makes a node seen; silence makes it offline", async () => {
    const builder = new ChainBuilder();
    const rig = await newRig(builder);
    const validator = builder.validators[2]!;
    const topic = topics.status("test", validator.id);
    const state = () => rig.index.nodes()[2]!.state;
    assert.equal(state(), "never-seen");
    const heartbeat = builder.status(validator, { timeMs: rig.clock.now() });
    rig.bus.publish(topic, heartbeat);
    assert.equal(state(), "in-sync");
    rig.clock.advance(170_000); // idle: heartbeats every 60 s
    assert.equal(state(), "in-sync");
    rig.clock.advance(20_000);
    assert.equal(state(), "offline");
    rig.bus.publish(topic, heartbeat); // a recording
    assert.equal(state(), "offline");
  });

  test("while blocks come, three missed heartbeats of 5 s are enough", async () => {
    const builder = new ChainBuilder();
    const rig = await newRig(builder);
    const validator = builder.validators[0]!;
    const timeMs = rig.clock.now();
    rig.bus.publish(topics.status("test", validator.id), builder.status(validator, { timeMs }));
    for (let i = 0; i < 5; i++) {
      rig.carry(readingsBlock(builder));
      await rig.indexed(builder.height);
      rig.clock.advance(4_000);
    }
    assert.equal(rig.index.nodes()[0]!.state, "offline");
    assert.equal(rig.index.nodes()[1]!.state, "never-seen");
  });

  test("a node is behind by what it lacked when it spoke, not by what came since", async () => {
    const builder = new ChainBuilder();
    const rig = await newRig(builder);
    const validator = builder.validators[0]!;
    const say = (height: number) => {
      const heartbeat = builder.status(validator, { height, timeMs: rig.clock.now() });
      rig.bus.publish(topics.status("test", validator.id), heartbeat);
    };
    say(0);
    for (let i = 0; i < 5; i++) rig.carry(readingsBlock(builder));
    await rig.indexed(5);
    assert.equal(rig.index.nodes()[0]!.state, "in-sync");
    rig.clock.advance(1);
    say(1);
    assert.equal(rig.index.nodes()[0]!.state, "behind");
    assert.equal(rig.index.nodes()[0]!.lagBlocks, 4);
  });

  test("a status signed by another key is ignored", async () => {
    const builder = new ChainBuilder();
    const rig = await newRig(builder);
    const topic = topics.status("test", builder.validators[0]!.id);
    rig.bus.publish(topic, builder.status(builder.validators[1]!, { timeMs: rig.clock.now() }));
    rig.bus.publish(topic, builder.status(builder.devices[0]!, { timeMs: rig.clock.now() }));
    assert.ok(rig.index.nodes().every(({ state }) => state === "never-seen"));
  });
});
