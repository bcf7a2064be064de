import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { accounts, slots } from "@gridledger/protocol/contracts/account";
import { addressOf, evmChainId, formatAddress } from "@gridledger/protocol/contracts/address";
import { revertReason } from "@gridledger/protocol/contracts/revert-reason";
import { Fault } from "@gridledger/protocol/faults";
import { equalBytes, formatHex } from "@gridledger/protocol/hex";
import { StateView } from "../../edge-node/src/state/state-view.ts";
import { ContractRig } from "./support.ts";

const word = (value: number): Uint8Array => {
  const slot = Buffer.alloc(32);
  slot.writeUInt32BE(value, 28);
  return new Uint8Array(slot);
};

function refusal(act: () => unknown): string | undefined {
  try {
    act();
    return undefined;
  } catch (thrown) {
    return thrown instanceof Fault ? thrown.code : String(thrown);
  }
}

describe("a contract on the chain", () => {
  const rig = new ContractRig();
  const counter = rig.deploy("Counter.sol", "Counter", [40n]);

  it("is deployed at an address of its own and runs its constructor", () => {
    assert.equal(counter.address.length, 20);
    assert.equal(counter.value("count"), 40n);
    const owner = addressOf(rig.chain.suite.hash, rig.app.signer.publicKey);
    assert.equal(String(counter.value("owner")).toLowerCase(), formatAddress(owner));
  });

  it("keeps what a call changed, and the root in its account follows", () => {
    const key = Buffer.from(accounts.keyOf(counter.address), "latin1");
    const [stateBefore, storageBefore] = [rig.tree.root, rig.tree.ownRoot(key)];
    assert.equal(counter.value("add", [2n]), 42n);
    assert.equal(counter.value("count"), 42n);
    assert.ok(!equalBytes(rig.tree.ownRoot(key), storageBefore));
    assert.ok(!equalBytes(rig.tree.root, stateBefore));
    const stored = new StateView(rig.tree).get(slots, { address: counter.address, slot: word(1) });
    assert.deepEqual(stored && formatHex(stored), "2a");
  });

  it("keeps no slot that is zero", () => {
    counter.send("reset");
    const name = { address: counter.address, slot: word(1) };
    assert.equal(new StateView(rig.tree).get(slots, name), undefined);
    assert.equal(counter.value("count"), 0n);
  });

  it("undoes what a call did that reverted, and the receipt says why", () => {
    const { operator } = rig.net;
    counter.send("add", [7n]);
    const refused = counter.send("reset", [], operator);
    assert.equal(refused.outcome, "reverted");
    assert.equal(counter.value("count"), 7n);
    const today = counter.send("refuse");
    assert.equal(revertReason(today.output), "not today");
    assert.match(revertReason(counter.send("divide", [0n]).output) ?? "", /panic 18/);
  });

  it("writes logs into the receipt", () => {
    const { logs } = counter.send("add", [1n]);
    assert.equal(logs.length, 1);
    assert.deepEqual(logs[0]?.address, counter.address);
    assert.equal(logs[0]?.topics.length, 2);
  });

  it("sees the block: height, time in seconds, the parent's hash and the channel", () => {
    const place = counter.value("place") as readonly [bigint, bigint, string, bigint];
    assert.equal(place[0], BigInt(rig.height));
    assert.equal(place[1], BigInt(1_800_000_000 + rig.height - 1));
    assert.equal(place[2].slice(2), formatHex(rig.chain.suite.hash(Uint8Array.of(rig.height - 1))));
    assert.equal(place[3], BigInt(evmChainId(rig.chain.chainId)));
  });

  it("runs several calls of one block one after the other", () => {
    const data = counter.data("add", [1n]);
    const before = counter.value("count") as bigint;
    const calls = [1, 2, 3].map(() => rig.call(rig.app, counter.address, data));
    const receipts = rig.block(calls);
    assert.deepEqual(
      receipts.map(({ index }) => index),
      [0, 1, 2],
    );
    assert.equal(counter.value("count"), before + 3n);
  });

  it("takes a deployment from operators and applications only, and a call from every identity", () => {
    const [device] = rig.net.devices;
    const data = counter.data("add", [1n]);
    assert.equal(
      refusal(() => rig.block([rig.deployment(device!, Uint8Array.of(0))])),
      "SENDER_ROLE",
    );
    assert.equal(rig.block([rig.call(device!, counter.address, data)])[0]?.outcome, "success");
  });

  it("refuses before anything runs: no contract there, gas outside its bounds", () => {
    const nobody = new Uint8Array(20).fill(9);
    const data = counter.data("count");
    assert.equal(
      refusal(() => rig.block([rig.call(rig.app, nobody, data)])),
      "CONTRACT_UNKNOWN",
    );
    for (const gas of [20_000, 6_000_001]) {
      assert.equal(
        refusal(() => rig.block([rig.call(rig.app, counter.address, data, gas)])),
        "GAS_LIMIT",
      );
    }
  });

  it("lets a block hold no more gas than the channel says", () => {
    const burner = rig.deploy("Trouble.sol", "Trouble");
    const burn = () => rig.call(rig.app, burner.address, burner.data("forever"), 4_500_000);
    assert.equal(
      refusal(() => rig.block([burn(), burn()])),
      "BLOCK_GAS_FULL",
    );
    const [receipt] = rig.block([burn()]);
    assert.equal(receipt?.outcome, "out of gas");
    assert.equal(rig.last.gasUsed, 4_500_000);
  });
});
