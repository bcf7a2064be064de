import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { accounts } from "@gridledger/protocol/contracts/account";
import { StateView } from "../../edge-node/src/state/state-view.ts";
import { ContractRig, GAS } from "./support.ts";

const MUCH_GAS = {
  machine: "cancun",
  maxBlockGas: 40_000_000,
  maxTransactionGas: 40_000_000,
} as const;

describe("a contract that means harm", () => {
  const rig = new ContractRig();
  const trouble = rig.deploy("Trouble.sol", "Trouble");
  const { app } = rig;

  const send = (name: string, args: readonly unknown[] = []) => trouble.send(name, args);

  it("runs out of gas and leaves nothing behind", () => {
    const receipt = send("forever");
    assert.equal(receipt.outcome, "out of gas");
    assert.equal(receipt.gasUsed, GAS);
    assert.equal(trouble.value("touched"), 0n);
  });

  it("comes back from a recursion of calls and of jumps", () => {
    assert.equal(trouble.value("deep", [20n]), 20n);
    assert.notEqual(send("deep", [100_000n]).outcome, "success");
    assert.notEqual(send("recurse").outcome, "success");
  });

  it("calls itself as deep as its gas goes, and the node's own stack holds", () => {
    // Memory's last word: five times 0, ADDRESS, GAS, CALL; the eight bytes are the contract.
    const deepest = new ContractRig({ policy: { ...rig.chain.genesis.policy, gas: MUCH_GAS } });
    const initCode = Buffer.from("675f5f5f5f5f305af15f5260086018f3", "hex");
    const [deployed] = deepest.block([deepest.deployment(deepest.app, initCode)]);
    const nothing = new Uint8Array(0);
    const call = deepest.call(deepest.app, deployed!.contract!, nothing, 30_000_000);
    const [receipt] = deepest.block([call]);
    assert.equal(receipt?.outcome, "success");
    assert.ok(receipt!.gasUsed > 600 * 118, `only ${receipt!.gasUsed} gas: some 120 a frame`);
  });

  it("returns and reverts with more than a receipt keeps", () => {
    const receipt = send("huge", [100_000n]);
    assert.equal(receipt.outcome, "success");
    assert.equal(receipt.output.length, 4_096);
    assert.equal(receipt.outputBytes, 100_064);
    const reverted = send("hugeRevert", [50_000n]);
    assert.deepEqual([reverted.outcome, reverted.outputBytes], ["reverted", 50_000]);
    assert.equal(send("huge", [1n << 60n]).outcome, "out of gas");
    assert.equal(send("hugeRevert", [1n << 60n]).outcome, "out of gas");
  });

  it("fills no more storage than its gas pays for", () => {
    assert.equal(send("bomb", [100_000n]).outcome, "out of gas");
    assert.equal(send("bomb", [50n]).outcome, "success");
  });

  it("finds the channel's storage full, and room again where a slot was freed", () => {
    const gas = { ...MUCH_GAS, maxStorageSlots: 3 };
    const small = new ContractRig({ policy: { ...rig.chain.genesis.policy, gas } });
    // Writes the second word of its call into the slot that the first names.
    const initCode = Buffer.from("666020355f3555005f5260076019f3", "hex");
    const [deployed] = small.block([small.deployment(small.app, initCode)]);
    const set = (slot: number, value: number) => {
      const data = new Uint8Array(64);
      [data[31], data[63]] = [slot, value];
      return small.call(small.app, deployed!.contract!, data);
    };
    const outcomes = (...calls: readonly Uint8Array[]) =>
      small.block(calls).map(({ outcome }) => outcome);
    const [fine, full] = ["success", "storage full"];
    assert.deepEqual(outcomes(set(1, 1), set(2, 1), set(2, 2)), [fine, fine, fine]);
    assert.deepEqual(outcomes(set(3, 1), set(4, 1), set(3, 2)), [fine, full, fine]);
    assert.deepEqual(outcomes(set(4, 1), set(1, 0), set(4, 1)), [full, fine, fine]);
    assert.deepEqual(outcomes(set(5, 1), set(5, 0)), [full, fine]);
    const held = [...small.tree.entries()].filter(([key]) => key[0] === 0x73 && key.length === 54);
    assert.deepEqual([small.tree.slots, held.length], [3, 3]);
  });

  it("is still there after selfdestruct; what one transaction creates and destroys is not", () => {
    assert.equal(send("die").outcome, "success");
    assert.equal(trouble.value("touched"), 0n);
    const mayfly = String(trouble.value("createAndDie"));
    const address = Buffer.from(mayfly.slice(2), "hex");
    assert.equal(new StateView(rig.tree).get(accounts, address), undefined);
  });

  it("stops at an invalid opcode, at a transfer of money there is none of, at blobs", () => {
    assert.equal(send("invalid").outcome, "invalid opcode");
    assert.equal(send("send").outcome, "reverted");
    assert.equal(trouble.value("kzg"), true, "an address without code, as any other");
  });

  it("is not deployed from bad bytecode", () => {
    const hex = (text: string) => Buffer.from(text, "hex");
    const outcomes = [
      "fe",
      "60",
      "5b600056",
      "ef0001",
      "60ef60005360016000f3",
      "61600160006000f3",
      "",
    ];
    const receipts = rig.block(outcomes.map((code) => rig.deployment(app, hex(code), 200_000)));
    const expected = ["invalid opcode", "success", "out of gas", "invalid opcode", "code refused"];
    assert.deepEqual(
      receipts.slice(0, 5).map(({ outcome }) => outcome),
      expected,
    );
    assert.equal(receipts[0]?.contract, null);
    assert.equal(
      rig.block([rig.deployment(app, hex("6160016000f3"), 6_000_000)])[0]?.outcome,
      "code refused",
    );
  });

  it("answers wrong ABI with a revert", () => {
    const call = (data: string) =>
      rig.block([rig.call(app, trouble.address, Buffer.from(data, "hex"))])[0];
    for (const data of ["", "00", "ffffffff", "0a0b0c0d".repeat(20)]) {
      assert.equal(call(data)?.outcome, "reverted");
    }
  });

  it("changes nothing for those who come after", () => {
    const counter = rig.deploy("Counter.sol", "Counter", [1n]);
    assert.equal(counter.value("add", [1n]), 2n);
  });
});
