import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Fault } from "@gridledger/protocol/faults";
import { DAY_MS, periodEndMs, rotationDueMs } from "@gridledger/protocol/keys/key-period";
import { KeyChain } from "./key-chain.ts";
import { Meter, network, person, suite } from "./support.ts";
import { TurningDevice } from "./turning-device.ts";

const HOUR_MS = 3_600_000;
const net = network();
const [who] = net.devices;

function device(): { gateway: TurningDevice; meter: Meter } {
  const keys = new KeyChain(net);
  keys.block();
  return {
    gateway: new TurningDevice(net, who!, keys),
    meter: new Meter(net.chain, who!, "m1"),
  };
}

/** Blocks with a batch each, and the turner's minutes between them. */
async function live({ gateway, meter }: ReturnType<typeof device>, blocks: number): Promise<void> {
  for (let i = 0; i < blocks; i++) {
    gateway.send(meter);
    gateway.nowMs += 60_000;
    await gateway.turner.check();
  }
}

describe("a key at the end of its period", () => {
  const page = { publicKey: who!.signer.publicKey, validFromMs: 0, validUntilMs: 365 * DAY_MS };
  const dueMs = rotationDueMs(suite.hash, page, 365);

  it("is rotated before the period ends, and not before its last eighth", async () => {
    const one = device();
    one.gateway.nowMs = dueMs - HOUR_MS;
    await live(one, 3);
    assert.deepEqual(one.gateway.epochs, [1]);
    one.gateway.nowMs = dueMs;
    await live(one, 140);
    assert.equal(one.gateway.epochOnChain, 2);
    assert.equal(one.gateway.ring.at(one.gateway.keys.height + 1).epoch, 2);
    assert.ok(dueMs < page.validUntilMs && dueMs >= (page.validUntilMs * 7) / 8);
    assert.deepEqual(one.gateway.troubles, []);
  });

  it("is rotated again and again, period after period, with nobody's word", async () => {
    const one = device();
    for (const epoch of [2, 3, 4]) {
      one.gateway.nowMs += 364 * DAY_MS;
      await live(one, 140);
      assert.equal(one.gateway.epochOnChain, epoch);
    }
    assert.deepEqual(one.gateway.epochs, [1, 2, 3, 4]);
  });

  it("is rotated where the process is killed at any step, and not a reading is lost", async () => {
    for (let cutAt = 0; cutAt < 12; cutAt++) {
      const one = device();
      one.gateway.nowMs = dueMs;
      one.gateway.cutAt = cutAt;
      await one.gateway.turner.check();
      one.gateway.cutAt = Number.POSITIVE_INFINITY;
      one.gateway.restart();
      await live(one, 300);
      assert.equal(one.gateway.epochOnChain, 2, `cut at step ${cutAt}`);
      assert.deepEqual(one.gateway.epochs, [1, 2]);
      assert.ok(![...one.gateway.disk.keys()].some((name) => name.endsWith(".rotation")));
    }
  });

  it("is rotated once where the answer was lost and the process was off past the height", async () => {
    const one = device();
    one.gateway.nowMs = dueMs;
    one.gateway.isMute = true;
    await one.gateway.turner.check();
    one.gateway.keys.upTo(one.gateway.keys.height + 400);
    one.gateway.isMute = false;
    one.gateway.restart();
    await live(one, 200);
    assert.deepEqual([one.gateway.epochOnChain, one.gateway.epochs], [2, [1, 2]]);
  });

  it("is rotated when the chain is back, and who is late is told of once an hour", async () => {
    const one = device();
    one.gateway.nowMs = dueMs;
    one.gateway.isDeaf = true;
    await live(one, 400);
    assert.equal(one.gateway.epochOnChain, 1);
    assert.equal(one.gateway.troubles.length, 0);
    one.gateway.nowMs = page.validUntilMs;
    await live(one, 150);
    const codes = one.gateway.troubles.map(({ code }) => code);
    assert.deepEqual(codes, ["KEY_OVERDUE", "KEY_OVERDUE", "KEY_OVERDUE"]);
    assert.equal(one.gateway.troubles[0]!.dueMs, page.validUntilMs);
    one.gateway.isDeaf = false;
    await live(one, 400);
    assert.deepEqual([one.gateway.epochOnChain, one.gateway.epochs], [2, [1, 2]]);
    assert.ok(one.gateway.troubles.length <= 5);
  });

  it("is an alarm where the chain refuses its rotation, which is tried again after an hour", async () => {
    const one = device();
    one.gateway.nowMs = dueMs;
    one.gateway.refusal = new Fault("SUITE_INACTIVE");
    await live(one, 50);
    assert.deepEqual(
      one.gateway.troubles.map(({ module, code }) => [module, code]),
      [["gateway", "SUITE_INACTIVE"]],
    );
    one.gateway.refusal = undefined;
    await live(one, 300);
    assert.equal(one.gateway.epochOnChain, 2);
  });

  it("of a fleet enrolled in one hour is not rotated with the others", () => {
    const draws = Array.from({ length: 400 }, () => {
      const { publicKey } = person().signer;
      return rotationDueMs(suite.hash, { ...page, publicKey }, 365);
    });
    const days = new Map<number, number>();
    for (const ms of draws)
      days.set(Math.floor(ms / DAY_MS), (days.get(Math.floor(ms / DAY_MS)) ?? 0) + 1);
    assert.ok(days.size >= 35, `${days.size} days`);
    assert.ok(Math.max(...days.values()) < 40);
    assert.equal(periodEndMs(page, 90), 90 * DAY_MS);
  });
});
