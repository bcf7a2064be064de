import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { equalBytes } from "@gridledger/protocol/hex";
import { verifyArchive } from "@gridledger/protocol/messages/archive";
import { decodeBlocks } from "@gridledger/protocol/messages/blocks";
import { encodeGetBlocks } from "@gridledger/protocol/messages/get-blocks";
import { topics } from "@gridledger/protocol/topics";
import { DiskForecast } from "../../hub/src/index/nodes/disk-forecast.ts";
import { ChainBuilder, encodeBuilt } from "../support/chain-builder.ts";
import { type Rig, startRig, until } from "./rig.ts";

describe("the hub as an archive", () => {
  const builder = new ChainBuilder();
  let rig: Rig;

  before(async () => {
    rig = await startRig(builder);
    const [device] = builder.devices;
    for (let i = 0; i < 5; i++) {
      const batches = ["a", "b"].map((meter) =>
        builder.batch(device!, { meter, timesMs: [1_700_000_000_000 + i * 1_000] }),
      );
      rig.carry(builder.add(batches));
    }
    await rig.indexed(5);
  });
  after(() => rig.stop());

  const confirmations = () =>
    rig.bus
      .on(new RegExp(`^gl/test/s/${builder.hub.id}$`))
      .map((bytes) =>
        verifyArchive(
          builder.chain.suite,
          builder.hub.signer.publicKey,
          builder.chain.chainId,
          bytes,
        ),
      );

  test("signs for what is durable, soon after blocks and every minute", () => {
    rig.clock.advance(5_000);
    const last = confirmations().at(-1)!;
    assert.equal(last.height, 5);
    assert.ok(equalBytes(last.blockHash, builder.blocks[4]!.hash));
    const before = confirmations().length;
    rig.clock.advance(60_000);
    assert.equal(confirmations().length, before + 1);
  });

  async function ask(fromHeight: number, maxBlocks: number) {
    const [validator] = builder.validators;
    const answers = new RegExp(`^gl/test/y/${validator!.id}/${builder.hub.id}$`);
    // The hub's own questions go the same way.
    const blocksOf = () =>
      rig.bus.on(answers).flatMap((bytes) => {
        try {
          return [decodeBlocks(bytes)];
        } catch {
          return [];
        }
      });
    const before = blocksOf().length;
    const topic = topics.sync("test", builder.hub.id, validator!.id);
    rig.bus.publish(topic, encodeGetBlocks({ fromHeight, maxBlocks }));
    await until(() => blocksOf().length > before, "an answer");
    return blocksOf().at(-1)!;
  }

  test("gives blocks byte for byte as they were sealed", async () => {
    const { headHeight, blocks } = await ask(2, 3);
    assert.equal(headHeight, 5);
    const built = builder.blocks.slice(1, 4).map(encodeBuilt);
    assert.deepEqual(
      blocks.map((bytes) => Buffer.from(bytes)),
      built.map((bytes) => Buffer.from(bytes)),
    );
    assert.equal((await ask(6, 3)).blocks.length, 0);
  });

  test("junk is answered with nothing and stops nobody", async () => {
    const topic = topics.sync("test", builder.hub.id, builder.validators[1]!.id);
    rig.bus.publish(topic, Uint8Array.of(0x84, 1, 8, 0xff));
    assert.equal((await ask(1, 1)).blocks.length, 1);
  });
});

describe("the forecast of a disk", () => {
  const hour = 3_600_000;
  const use = (diskBytes: number, change: object = {}) => {
    return { diskBytes, diskFreeBytes: 1_000_000_000, maxDiskBytes: 0, ...change };
  };

  test("needs an hour, growth, and an end that is near enough to matter", () => {
    const forecast = new DiskForecast();
    forecast.note("a", 0, use(0));
    assert.equal(forecast.daysLeft("a", hour / 2, use(1_000_000)), null);
    assert.equal(forecast.daysLeft("a", hour, use(0)), null);
    assert.equal(forecast.daysLeft("a", hour, use(1)), null);
    assert.equal(forecast.daysLeft("a", hour, use(1_000_000)), 41);
    assert.equal(forecast.daysLeft("b", hour, use(1_000_000)), null);
  });

  test("counts to the cap where there is one before the disk is full", () => {
    const forecast = new DiskForecast();
    forecast.note("a", 0, use(0));
    assert.equal(forecast.daysLeft("a", hour, use(1e6, { maxDiskBytes: 49e6 })), 2);
    assert.equal(forecast.daysLeft("a", hour, use(1e6, { maxDiskBytes: 1e6 })), 0);
  });
});
