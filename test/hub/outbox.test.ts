import assert from "node:assert/strict";
import { afterEach, describe, test } from "node:test";
import type { FaultCode } from "@gridledger/protocol/faults";
import { formatHex } from "@gridledger/protocol/hex";
import { leafHash } from "@gridledger/protocol/merkle/tree";
import { encodeRefusal } from "@gridledger/protocol/messages/refusal";
import { decodeTransactions } from "@gridledger/protocol/messages/transactions";
import { topics } from "@gridledger/protocol/topics";
import { ChainBuilder } from "../support/chain-builder.ts";
import { type Rig, startRig, until } from "./rig.ts";

const T0 = 1_750_000_000_000;

describe("the outbox", () => {
  let rig: Rig | undefined;

  afterEach(async () => {
    await rig?.stop();
    rig = undefined;
  });

  async function start(builder: ChainBuilder, options: Parameters<typeof startRig>[1] = {}) {
    rig = await startRig(builder, options);
    return rig;
  }

  function sent({ bus }: Rig): string[] {
    const { suite } = new ChainBuilder({ validators: 1, devices: 0 }).chain;
    return bus
      .on(/\/t\//)
      .flatMap(decodeTransactions)
      .map((encoded) => formatHex(leafHash(suite.hash, encoded)));
  }

  function refuse(builder: ChainBuilder, { bus }: Rig, hash: string, by: number, code: FaultCode) {
    const message = encodeRefusal({
      ...{ txHash: Buffer.from(hash, "hex"), code, detail: "no", headHeight: 0 },
    });
    bus.publish(topics.refusal("test", builder.hub.id, builder.validators[by]!.id), message);
  }

  test("what it has taken is on the disk and on its way", async () => {
    const builder = new ChainBuilder();
    const { outbox, store } = await start(builder);
    const encoded = builder.batch(builder.devices[0]!, { meter: "M1", timesMs: [T0] });
    const submitted = await outbox.submit(encoded, 0);
    assert.deepEqual(submitted.state, "spooled");
    assert.equal((await store.read("outbox")).length, 1);
    assert.deepEqual(sent(rig!), [submitted.hash]);
  });

  test("the same transaction twice is one", async () => {
    const builder = new ChainBuilder();
    const { outbox, store } = await start(builder);
    const encoded = builder.batch(builder.devices[0]!, { meter: "M1", timesMs: [T0] });
    const answers = await Promise.all([1, 2, 3].map(() => outbox.submit(encoded, 0)));
    assert.equal(new Set(answers.map(({ hash }) => hash)).size, 1);
    assert.equal((await store.read("outbox")).length, 1);
    assert.equal(outbox.size, 1);
  });

  test("a caller that waits is told the height", async () => {
    const builder = new ChainBuilder();
    const { outbox, carry, store } = await start(builder);
    const encoded = builder.batch(builder.devices[0]!, { meter: "M1", timesMs: [T0] });
    const waiting = outbox.submit(encoded, 30_000);
    await until(() => sent(rig!).length > 0, "it is sent");
    carry(builder.add([encoded]));
    assert.deepEqual({ ...(await waiting), hash: "" }, { hash: "", state: "final", height: 1 });
    assert.equal(outbox.size, 0);
    assert.equal((await outbox.submit(encoded, 0)).state, "final");
    await rig!.outbox.stop();
    assert.equal((await store.read("outbox")).length, 0);
  });

  test("a caller that waits in vain is told that it is spooled", async () => {
    const builder = new ChainBuilder();
    const { outbox, clock } = await start(builder);
    const encoded = builder.batch(builder.devices[0]!, { meter: "M1", timesMs: [T0] });
    const waiting = outbox.submit(encoded, 1_000);
    await until(() => sent(rig!).length > 0, "it is sent");
    await new Promise((resolve) => setImmediate(resolve));
    clock.advance(1_000);
    assert.equal((await waiting).state, "spooled");
  });

  test("a hub that stops keeps nobody waiting, and loses nothing", async () => {
    const builder = new ChainBuilder();
    const { outbox, store } = await start(builder);
    const [device] = builder.devices;
    const [one, two] = ["M1", "M2"].map((meter) =>
      builder.batch(device!, { meter, timesMs: [T0] }),
    );
    const waiting = outbox.submit(one!, 60_000);
    await until(() => outbox.size === 1, "it is spooled");
    outbox.endWaits();
    assert.equal((await waiting).state, "spooled");
    assert.equal((await outbox.submit(two!, 60_000)).state, "spooled");
    assert.equal((await store.read("outbox")).length, 2);
  });

  test("it is sent again until it is final", async () => {
    const builder = new ChainBuilder();
    const { outbox, clock, carry, indexed } = await start(builder);
    const encoded = builder.batch(builder.devices[0]!, { meter: "M1", timesMs: [T0] });
    await outbox.submit(encoded, 0);
    clock.advance(11_000);
    assert.equal(sent(rig!).length, 3);
    carry(builder.add([encoded]));
    await indexed(1);
    const before = sent(rig!).length;
    clock.advance(60_000);
    assert.equal(sent(rig!).length, before);
  });

  test("a restart goes on with what was spooled", async () => {
    const builder = new ChainBuilder();
    const first = await start(builder);
    const encoded = builder.batch(builder.devices[0]!, { meter: "M1", timesMs: [T0] });
    const { hash } = await first.outbox.submit(encoded, 0);
    await first.stop(true);
    const second = await start(builder, { directory: first.directoryPath });
    assert.equal(second.outbox.size, 1);
    assert.deepEqual(sent(second), [hash]);
  });

  test("f+1 validators refuse it, one cannot", async () => {
    const builder = new ChainBuilder();
    const { outbox } = await start(builder);
    const encoded = builder.batch(builder.devices[0]!, { meter: "M1", timesMs: [T0] });
    const waiting = outbox.submit(encoded, 30_000);
    await until(() => sent(rig!).length > 0, "it is sent");
    await new Promise((resolve) => setImmediate(resolve));
    const { hash } = (await rig!.store.read("outbox"))[0];
    const hex = formatHex(hash);
    refuse(builder, rig!, hex, 0, "METER_OWNED");
    refuse(builder, rig!, hex, 0, "METER_OWNED");
    refuse(builder, rig!, hex, 1, "MEMPOOL_FULL");
    assert.equal(outbox.size, 1);
    refuse(builder, rig!, hex, 1, "METER_OWNED");
    await assert.rejects(waiting, { code: "METER_OWNED" });
    await rig!.outbox.stop();
    assert.deepEqual((await outbox.find(hash))?.refusal, { code: "METER_OWNED", detail: "no" });
  });

  test("a refusal by somebody who is no validator counts for nothing", async () => {
    const builder = new ChainBuilder({ validators: 1 });
    const { outbox, bus } = await start(builder);
    const encoded = builder.batch(builder.devices[0]!, { meter: "M1", timesMs: [T0] });
    const { hash } = await outbox.submit(encoded, 0);
    const message = encodeRefusal({
      ...{ txHash: Buffer.from(hash, "hex"), code: "METER_OWNED", detail: "", headHeight: 0 },
    });
    bus.publish(topics.refusal("test", builder.hub.id, builder.devices[1]!.id), message);
    assert.equal(outbox.size, 1);
  });

  test("one that was refused and becomes final all the same is final", async () => {
    const builder = new ChainBuilder({ validators: 1 });
    const { outbox, carry, indexed, app } = await start(builder);
    const encoded = builder.batch(builder.devices[0]!, { meter: "M1", timesMs: [T0] });
    const { hash } = await outbox.submit(encoded, 0);
    refuse(builder, rig!, hash, 0, "METER_OWNED");
    await until(() => outbox.size === 0, "it is refused");
    const shown = async () => {
      const response = await app.request(`http://localhost/api/v1/transactions/${hash}`);
      return ((await response.json()) as { state: string }).state;
    };
    await outbox.stop();
    assert.equal(await shown(), "refused");
    carry(builder.add([encoded]));
    await indexed(1);
    assert.equal(await shown(), "final");
  });

  test("it says at the door what a validator would say", async () => {
    const builder = new ChainBuilder();
    const { outbox } = await start(builder);
    const [device] = builder.devices;
    const good = builder.batch(device!, { meter: "M1", timesMs: [T0] });
    const forged = Uint8Array.from(good);
    forged[forged.length - 1]! ^= 1;
    const stranger = builder.newKey("stranger");
    const other = new ChainBuilder();
    const identity = { role: "device", publicKey: stranger.signer.publicKey, name: "x" } as const;
    const cases: [Uint8Array, FaultCode][] = [
      [forged, "SIGNATURE_INVALID"],
      [builder.batch(stranger, { meter: "M2", timesMs: [T0] }), "SENDER_UNKNOWN"],
      [other.batch(other.devices[0]!, { meter: "M2", timesMs: [T0] }), "SENDER_UNKNOWN"],
      [builder.batch(builder.operator, { meter: "M2", timesMs: [T0] }), "SENDER_ROLE"],
      [builder.enrolment(identity, device), "SENDER_ROLE"],
      [builder.batch(device!, { meter: "M3", timesMs: [T0] }, 0), "TX_EXPIRED"],
      [builder.batch(device!, { meter: "M4", timesMs: [T0] }, 5_000), "TX_TOO_FAR"],
      [new Uint8Array(300_000), "TX_TOO_LARGE"],
      [Uint8Array.of(1, 2, 3), "CBOR_SHAPE"],
    ];
    for (const [encoded, code] of cases) await assert.rejects(outbox.submit(encoded, 0), { code });
    assert.equal(outbox.size, 0);
  });
});
