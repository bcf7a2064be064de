import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { international as suite } from "@gridledger/protocol/crypto/international";
import { DAY_MS } from "@gridledger/protocol/keys/key-period";
import type { KeyRing } from "@gridledger/protocol/keys/key-ring";
import { KeyTurner } from "@gridledger/protocol/keys/key-turner";
import { createSealedKey } from "@gridledger/protocol/keys/sealed-key";
import { keyHolder, keyUsesAt } from "../../edge-node/src/keys/key-files.ts";
import { keyRingFiles } from "../../edge-node/src/keys/key-ring-files.ts";
import { Bridge } from "../../firmware-bridge/src/bridge.ts";
import { Spool } from "../../firmware-bridge/src/spool/spool.ts";
import {
  chain,
  createdMs,
  deviceKey,
  deviceRing,
  owner,
  quiet,
  ringKey,
  TestNetwork,
} from "./test-chain.ts";
import { until, VirtualClock } from "./virtual-clock.ts";

const startMs = createdMs + 86_400_000;
const options = {
  ...{ maxReadings: 3, maxDelayMs: 60_000, window: 64, windowPerMeter: 8 },
  ...{ retryMs: 1_000, maxRetryMs: 60_000 },
};

describe("a bridge whose key turns while it runs", () => {
  const next = suite.signer(suite.generateKey());
  let folder: string;
  let clock: VirtualClock;
  let network: TestNetwork;
  let bridge: Bridge;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "turn-"));
    clock = new VirtualClock(startMs);
    network = new TestNetwork();
  });

  afterEach(async () => {
    await bridge.stop();
    rmSync(folder, { recursive: true });
  });

  async function start(keys: KeyRing): Promise<void> {
    const spool = await Spool.open(join(folder, "spool"), owner, 1e8);
    const random = () => 0.5;
    bridge = new Bridge(
      { chain, keys, spool, uplink: network, clock, log: quiet, random },
      options,
    );
    await bridge.start();
  }

  async function feed(from: number, count: number): Promise<void> {
    for (let i = from; i < from + count; i++) {
      await bridge.accept({
        ...{ meter: "m1", atMs: startMs - 3_600_000 + i * 1_000, receivedMs: clock.nowMs() },
        registers: [{ obis: "1-0:1.8.0", unit: "Wh", scaler: 0, value: 1_000 + i }],
        flags: [],
      });
    }
  }

  /** Blocks and retries until the chain holds so many readings and nothing waits. */
  async function settle(readings: number): Promise<void> {
    await until(() => {
      network.makeBlock();
      clock.advance(1_000);
      return onChain().length >= readings && bridge.counters.publisher.inFlight === 0;
    });
  }

  const onChain = () =>
    (network.batches.get("m1") ?? []).flatMap(({ registers }) => registers[0]?.values ?? []);
  const values = (count: number) => Array.from({ length: count }, (_, i) => 1_000 + i);

  it("batches that were signed with the old key and are not final at the height are signed again, once each", async () => {
    network.turn = { publicKey: next.publicKey, fromHeight: 2 };
    await start(deviceRing(ringKey(next, 2, 2)));
    await feed(0, 3);
    await until(() => network.received.length === 1);
    network.makeBlock();
    // These are signed for height 2 by the new key; what came before by the old one is final.
    await feed(3, 9);
    await settle(12);
    assert.deepEqual(onChain(), values(12));
  });

  it("a height that was reached unseen is learnt from the refusal", async () => {
    await start(deviceRing(ringKey(next, 2, 5)));
    await feed(0, 9);
    await until(() => network.received.length === 3);
    // The three lie on the disk with the old signature when the chain has gone past the height.
    network.height = 7;
    network.turn = { publicKey: next.publicKey, fromHeight: 5 };
    await settle(9);
    await feed(9, 3);
    await settle(12);
    assert.deepEqual(onChain(), values(12));
    assert.ok(bridge.counters.publisher.signed >= 4);
  });

  it("the bridge rotates its own key when its period ends, and goes on from where it was killed", async () => {
    const unlock = { secret: Buffer.alloc(32, "s"), isRandom: true };
    const period = { validFromMs: startMs - 90 * DAY_MS, validUntilMs: startMs };
    const page = { module: "bridge", owner: "City", ...period };
    const path = join(folder, "bridge.page");
    writeFileSync(path, createSealedKey(suite, unlock, page, deviceKey).page, { mode: 0o600 });
    writeFileSync(join(folder, "unlock"), unlock.secret, { mode: 0o600 });
    const source = { path, unlock: { file: join(folder, "unlock") } };
    const uses = keyUsesAt(join(folder, "uses.json"));
    const begin = async () => {
      const { ring, files, look, stop } = keyRingFiles(
        suite,
        keyHolder({ module: "x", uses }),
        source,
      );
      await start(ring);
      const headHeight = () => bridge.chainHeight;
      const submit = (rotation: Uint8Array) => bridge.submit(rotation);
      const deps = { chain, ring, files, look, headHeight, submit, clock, log: quiet };
      return { turner: new KeyTurner(deps, 90), stop };
    };
    const first = await begin();
    await feed(0, 3);
    await settle(3);
    network.disconnect();
    const lost = first.turner.check();
    await bridge.stop(); // the rotation is on the disk and was not sent
    await lost;
    first.stop();
    network.detach();
    network.connect();
    const { turner, stop } = await begin();
    const sent = turner.check();
    await until(() => network.makeBlock() > 0);
    await sent;
    assert.deepEqual(
      readdirSync(folder)
        .filter((name) => name.startsWith("bridge."))
        .sort(),
      ["bridge.2.page", "bridge.page", "bridge.turns.json"],
    );
    network.height = network.turn!.fromHeight;
    await feed(3, 6);
    await settle(9);
    assert.deepEqual(onChain(), values(9));
    stop();
  });

  it("a rotation that never became final costs a refusal and no reading", async () => {
    await start(deviceRing(ringKey(next, 2, 1)));
    await feed(0, 6);
    await settle(6);
    assert.deepEqual(onChain(), values(6));
  });
});
