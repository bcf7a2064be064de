import assert from "node:assert/strict";
import { afterEach, describe, test } from "node:test";
import { identityId } from "@gridledger/protocol/crypto/identity-id";
import { sm } from "@gridledger/protocol/crypto/sm";
import type { Suite } from "@gridledger/protocol/crypto/suite";
import { formatHex } from "@gridledger/protocol/hex";
import { KeyRing } from "@gridledger/protocol/keys/key-ring";
import { encodeKeyRotation, proveRotation } from "@gridledger/protocol/ledger/key-rotation";
import { kind } from "@gridledger/protocol/ledger/kinds";
import { verifyProof } from "@gridledger/protocol/ledger/proof";
import { leafHash } from "@gridledger/protocol/merkle/tree";
import { encodeConnectToken } from "@gridledger/protocol/messages/connect-token";
import { Authenticator } from "../../hub/src/broker/authenticator.ts";
import { prove } from "../../hub/src/index/query/prove.ts";
import { OverdueWatch } from "../../hub/src/keys/overdue-watch.ts";
import { Enroller } from "../../hub/src/outbox/enroller.ts";
import { ChainBuilder, type Key } from "../support/chain-builder.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { signedAs } from "../support/rotated.ts";
import { type Rig, startRig, until } from "./rig.ts";

const T0 = 1_750_000_000_000;

interface NextKey {
  readonly suite: Suite;
  readonly signer: Key["signer"];
}

const nextKey = (suite: Suite): NextKey => ({ suite, signer: suite.signer(suite.generateKey()) });

describe("a hub and the keys of its channel", () => {
  let rig: Rig | undefined;

  afterEach(async () => {
    await rig?.stop();
    rig = undefined;
  });

  function rotation(builder: ChainBuilder, who: Key, to: NextKey, fromHeight: number, epoch = 2) {
    const terms = { module: "gateway", scheme: `${to.suite.name}-sign`, epoch, fromHeight };
    return encodeKeyRotation(
      proveRotation(builder.chain.chainId, to.signer, {
        ...{ ...terms, identityId: Buffer.from(who.id, "hex"), suiteId: to.suite.id },
      }),
    );
  }

  const now = (builder: ChainBuilder, { signer }: Key) => ({ suite: builder.chain.suite, signer });

  async function take(count: number, builder: ChainBuilder, first: readonly Uint8Array[] = []) {
    for (let i = 0; i < count; i++) rig!.carry(builder.add(i === 0 ? first : []));
    await until(() => rig!.index.head.height === builder.height, "it has the blocks");
  }

  async function proofOf({ index }: Rig, builder: ChainBuilder, encoded: Uint8Array) {
    const { blocks, transactions, keys, sets } = index;
    const prover = { chain: builder.chain, blocks, transactions, keys, sets };
    const file = await prove(prover, leafHash(builder.chain.suite.hash, encoded));
    return JSON.parse(JSON.stringify(file));
  }

  test("proofs before and after a turn to another suite are checked with the key of their height", async () => {
    const builder = new ChainBuilder();
    rig = await startRig(builder);
    const [device] = builder.devices as [Key];
    const second = nextKey(sm);
    const payload = rotation(builder, device, second, 10);
    const turn = signedAs(builder, now(builder, device), device.id, kind.keyRotation, payload);
    await take(1, builder, [turn]);
    const before = builder.batch(device, { meter: "M1", timesMs: [T0] });
    await take(8, builder, [before]);
    const after = signedAs(
      builder,
      second,
      device.id,
      kind.readings,
      builder.payload({ meter: "M1", timesMs: [T0 + 1] }),
    );
    await take(1, builder, [after]);
    const [old, fresh] = [await proofOf(rig, builder, before), await proofOf(rig, builder, after)];
    assert.equal(old.senderKeys, undefined);
    assert.equal(fresh.senderKeys.length, 1);
    for (const [file, height] of [
      [old, 2],
      [fresh, 10],
    ] as const) {
      const proven = verifyProof(builder.chain, file);
      assert.deepEqual([proven.height, proven.senderSignature], [height, "checked"]);
      assert.equal(formatHex(proven.sender), device.id);
    }
    const { senderKeys: _left, ...bare } = fresh;
    assert.throws(() => verifyProof(builder.chain, bare), { code: "PROOF_INVALID" });
    const borrowed = { ...old, senderKeys: fresh.senderKeys };
    assert.throws(() => verifyProof(builder.chain, borrowed), { code: "PROOF_INVALID" });
  });

  test("a device that was enrolled in another suite is proven by its enrolment", async () => {
    const builder = new ChainBuilder();
    rig = await startRig(builder);
    const key = nextKey(sm);
    const { publicKey } = key.signer;
    const id = formatHex(identityId(builder.chain.suite.hash, publicKey));
    await take(1, builder, [
      builder.enrolment({ role: "device", name: "sm", publicKey, suiteId: sm.id }),
    ]);
    const batch = signedAs(
      builder,
      key,
      id,
      kind.readings,
      builder.payload({ meter: "M2", timesMs: [T0] }),
    );
    await take(1, builder, [batch]);
    const proven = verifyProof(builder.chain, await proofOf(rig, builder, batch));
    assert.equal(proven.senderSignature, "checked");
    assert.equal(rig.directory.find(id)?.suiteId, sm.id);
  });

  test("who has not rotated in time is listed from the chain, the oldest first", async () => {
    const builder = new ChainBuilder();
    rig = await startRig(builder);
    const [device] = builder.devices as [Key];
    const payload = rotation(builder, device, nextKey(sm), 10);
    const turn = signedAs(builder, now(builder, device), device.id, kind.keyRotation, payload);
    await take(12, builder, [turn]);
    const ask = async (path: string) => {
      const answer = await rig!.app.request(`http://127.0.0.1${path}`);
      assert.equal(answer.status, 200);
      return answer.json() as Promise<{ count: number; items: { id: string; dueMs: number }[] }>;
    };
    const ofNow = await ask("/api/v1/keys/overdue?days=3650");
    assert.deepEqual(ofNow.items, []);
    const all = await ask("/api/v1/keys/overdue?days=1");
    assert.equal(all.count, builder.chain.genesis.identities.length);
    const blockMs = builder.blocks.at(9)!.header.timeMs;
    assert.deepEqual(all.items.at(-1), {
      ...{ id: device.id, name: device.name, role: "device", epoch: 2, suite: sm.id },
      ...{ fromHeight: 10, sinceMs: blockMs, dueMs: blockMs + 86_400_000 },
    });
    const keys = await ask(`/api/v1/identities/${device.id}/keys`);
    assert.equal(keys.items.length, 2);
  });

  test("a key whose period has ended is an alarm once, a validator's too, and again when its next one has", async () => {
    const builder = new ChainBuilder();
    rig = await startRig(builder);
    const [device] = builder.devices as [Key];
    const payload = rotation(builder, device, nextKey(sm), 10);
    const turn = signedAs(builder, now(builder, device), device.id, kind.keyRotation, payload);
    await take(12, builder, [turn]);
    const clock = new ManualClock(builder.chain.genesis.createdMs);
    const raised: string[] = [];
    const raise = (type: string, place: string) => {
      raised.push(`${type} ${place}`);
      return Promise.resolve();
    };
    const log = { debug() {}, info() {}, warn() {}, error() {} };
    const { index, directory } = rig;
    const deps = {
      chain: builder.chain,
      directory,
      keys: index.keys,
      webhooks: { raise },
      clock,
      log,
    };
    const watch = new OverdueWatch(deps, 30);
    await watch.check();
    assert.equal(raised.length, 0);
    clock.advance(30 * 86_400_000);
    await watch.check();
    await watch.check();
    const ofDevice = raised.filter((text) => text.includes(device.id));
    const of = builder.chain.genesis.identities.length;
    assert.deepEqual([raised.length, ofDevice], [of - 1, []]);
    assert.ok(raised.includes(`key.overdue ${builder.validators[0]!.id}.1`));
    clock.advance(builder.blocks.at(9)!.header.timeMs);
    await watch.check();
    assert.equal(raised.at(-1), `key.overdue ${device.id}.2`);
  });

  test("the hub's own records are signed with the key of the height, or with the other where that one is wrong", async () => {
    const builder = new ChainBuilder();
    rig = await startRig(builder);
    const { operator, chain } = builder;
    const second = nextKey(sm);
    const keys = new KeyRing(Buffer.from(operator.id, "hex"), [
      { epoch: 1, suite: chain.suite, fromHeight: 0, signer: () => operator.signer },
      { epoch: 2, suite: sm, fromHeight: 2, signer: () => second.signer },
    ]);
    const enroller = new Enroller({
      ...{ chain, keys, headHeight: () => rig!.index.head.height, isKnown: () => false },
      submit: (encoded) => rig!.outbox.submit(encoded, 0),
    });
    const enrol = async () => {
      const { publicKey } = nextKey(chain.suite).signer;
      return (await enroller.enrol({ role: "device", name: "new", publicKey })).state;
    };
    // The list of turns is ahead of the chain: nobody has heard of a second key.
    await take(1, builder);
    assert.equal(await enrol(), "spooled");
    const payload = rotation(builder, operator, second, 12);
    const turn = signedAs(builder, now(builder, operator), operator.id, kind.keyRotation, payload);
    await take(11, builder, [turn]);
    assert.equal(await enrol(), "spooled");
    assert.equal(keys.at(12).epoch, 2);
  });

  test("the door for transactions and the broker go by the height, also after a restart", async () => {
    const builder = new ChainBuilder();
    rig = await startRig(builder);
    const [device] = builder.devices as [Key];
    const [first, second, third] = [now(builder, device), nextKey(sm), nextKey(sm)];
    const rotate = (to: NextKey, fromHeight: number, epoch: number) =>
      signedAs(
        ...([builder, first, device.id, kind.keyRotation] as const),
        rotation(builder, device, to, fromHeight, epoch),
      );
    await take(1, builder, [rotate(second, 10, 2)]);
    // The one that waited gives way to another.
    await take(1, builder, [rotate(third, 12, 3)]);
    const meter = builder.payload({ meter: "M3", timesMs: [T0] });
    const by = (key: NextKey) => signedAs(builder, key, device.id, kind.readings, meter);
    const door = async (key: NextKey) => {
      try {
        return (await rig!.outbox.submit(by(key), 0)).state;
      } catch (thrown) {
        return (thrown as { code: string }).code;
      }
    };
    const connects = (key: NextKey) => {
      const { chainId, suite } = builder.chain;
      const deps = { identities: rig!.directory, suite, chainId, now: () => T0 };
      const token = { timeMs: T0, nonce: crypto.getRandomValues(new Uint8Array(16)) };
      const password = encodeConnectToken(key.suite, key.signer, chainId, token);
      try {
        new Authenticator(deps, 60_000).authenticate(device.id, device.id, password);
        return true;
      } catch {
        return false;
      }
    };
    assert.deepEqual(
      [await door(third), await door(second), await door(first)],
      ["KEY_EPOCH", "SIGNATURE_INVALID", "spooled"],
    );
    assert.deepEqual([first, second, third].map(connects), [true, false, false]);
    await take(9, builder);
    for (const start of ["running", "again"]) {
      if (start === "again") {
        const { directoryPath } = rig;
        await rig.stop(true);
        rig = await startRig(builder, { directory: directoryPath });
      }
      assert.deepEqual(
        [await door(first), await door(second), await door(third)],
        ["KEY_EPOCH", "SIGNATURE_INVALID", "spooled"],
        start,
      );
      // The old key connects for a little while, so that its holder hears of the height.
      assert.deepEqual([first, second, third].map(connects), [true, false, true]);
    }
    await take(32, builder);
    assert.deepEqual([first, second, third].map(connects), [false, false, true]);
  });
});
