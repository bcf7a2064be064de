import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { accounts, slots } from "@gridledger/protocol/contracts/account";
import { decodeReceipt } from "@gridledger/protocol/contracts/receipt";
import { proveAccount } from "@gridledger/protocol/contracts/state-proof";
import { isContractProof, verifyContractProof } from "@gridledger/protocol/contracts/verify-proof";
import { asFault } from "@gridledger/protocol/faults";
import { PreparedTransaction } from "../../edge-node/src/state/prepared-transaction.ts";
import { StateView } from "../../edge-node/src/state/state-view.ts";
import { receiptProofView, stateProofView } from "../../hub/src/rest/contract-view.ts";
import { executedBlock } from "../edge-node/support.ts";
import { ContractRig } from "./support.ts";

const SLOT = new Uint8Array(32).fill(1, 31);

/** A counter that was called in a sealed block, as the hub proves it: what `gridledger verify` reads. */
function proven() {
  const rig = new ContractRig();
  const counter = rig.deploy("Counter.sol", "Counter", [5n]);
  const calls = [37n, 1n].map((by) =>
    rig.call(rig.app, counter.address, counter.data("add", [by])),
  );
  const head = {
    height: rig.height,
    hash: new Uint8Array(32),
    timeMs: 1_800_000_000_000,
    tree: rig.tree,
  };
  const prepared = calls.map((call) => new PreparedTransaction(rig.chain, call));
  const sealers = { chain: rig.chain, validators: rig.net.validators };
  const { sealed, execution } = executedBlock(sealers, head, prepared);
  const block = { ...sealed.block, seal: sealed.seal } as never;
  const context = { chain: rig.chain, handoversTo: () => [] };
  const file = (slot?: Uint8Array) => {
    const encoded = proveAccount(execution.tree, counter.address, slot);
    const place = slot === undefined ? {} : { slot: { slot } };
    const proof = { address: counter.address, ...place } as never;
    return stateProofView(context, { block, encoded, proof });
  };
  const receipt = (at: number) => receiptProofView(context, block, execution.receipts, at);
  return { rig, counter, execution, file, receipt };
}

describe("a proof of what a contract holds or did", () => {
  const { rig, counter, execution, file, receipt } = proven();
  const verify = (proof: unknown) =>
    verifyContractProof(rig.chain, JSON.parse(JSON.stringify(proof)));
  const codeOf = (proof: unknown): string => {
    try {
      verify(proof);
      return "verified";
    } catch (thrown) {
      return asFault(thrown).code;
    }
  };

  it("shows a slot, an account and each receipt of a block with the genesis alone", () => {
    const slot = verify(file(SLOT));
    const account = verify(file());
    assert.ok("account" in slot && "account" in account);
    assert.deepEqual(slot.account.slot?.value, Uint8Array.of(43));
    assert.deepEqual(
      account.account.account,
      new StateView(execution.tree).get(accounts, counter.address),
    );
    const empty = verify(file(new Uint8Array(32).fill(9)));
    assert.ok("account" in empty && empty.account.slot?.value.length === 0);
    for (const [at, encoded] of execution.receipts.entries()) {
      const found = verify(receipt(at));
      assert.ok("receipt" in found);
      assert.deepEqual(found.receipt, decodeReceipt(encoded));
    }
    assert.ok(isContractProof(file()) && isContractProof(receipt(0)));
  });

  it("shows nothing with a word changed, of another block, place or chain", () => {
    const [good, other] = [file(SLOT), file(new Uint8Array(32).fill(2, 31))];
    assert.equal(codeOf({ ...good, slot: other.slot }), "PROOF_INVALID");
    assert.equal(codeOf({ ...good, address: `0x${"1".repeat(40)}` }), "PROOF_INVALID");
    assert.equal(codeOf({ ...receipt(0), index: 1 }), "PROOF_INVALID");
    assert.equal(codeOf({ ...receipt(0), receipt: receipt(1).receipt }), "PROOF_INVALID");
    assert.equal(codeOf({ ...good, chainId: "0".repeat(64) }), "CHAIN_MISMATCH");
    const elsewhere = proven();
    const { seal, header } = elsewhere.receipt(0);
    assert.equal(codeOf({ ...good, seal }), "SEAL_INVALID");
    assert.equal(codeOf({ ...good, header }), "PROOF_INVALID");
    assert.equal(codeOf({ ...good, more: 1 }), "PROOF_SHAPE");
    assert.equal(codeOf({ ...good, proof: "AAAA" }), "PROOF_SHAPE");
  });

  it("of a branch that was left shows nothing on the other: the parent's state is as it was", () => {
    const before = rig.tree.root;
    const value = () =>
      new StateView(rig.tree).get(slots, { address: counter.address, slot: SLOT });
    const start = rig.tree;
    assert.equal(counter.value("add", [100n]), 105n);
    const left = { tree: rig.tree, proof: proveAccount(rig.tree, counter.address, SLOT) };
    rig.tree = start;
    assert.deepEqual(rig.tree.root, before);
    assert.deepEqual(value(), Uint8Array.of(5));
    assert.equal(counter.value("add", [200n]), 205n);
    assert.notDeepEqual(rig.tree.root, left.tree.root);
    assert.notDeepEqual(proveAccount(rig.tree, counter.address, SLOT), left.proof);
  });
});
