import assert from "node:assert/strict";
import { afterEach, describe, test } from "node:test";
import { Fault, type FaultCode } from "@gridledger/protocol/faults";
import type { Action } from "@gridledger/protocol/governance/actions/table";
import { encodeApproval } from "@gridledger/protocol/governance/approval";
import { encodeProposal } from "@gridledger/protocol/governance/proposal";
import { formatHex } from "@gridledger/protocol/hex";
import { genesisState } from "@gridledger/protocol/ledger/genesis-state";
import { kind } from "@gridledger/protocol/ledger/kinds";
import { decodeTransaction } from "@gridledger/protocol/ledger/transaction";
import { decodeTransactions } from "@gridledger/protocol/messages/transactions";
import { encodeErasureReceipt } from "@gridledger/protocol/objects/erasure-receipt";
import { objectTable } from "@gridledger/protocol/objects/object-table";
import { verifyObjectProof } from "@gridledger/protocol/objects/prove-object";
import { topics } from "@gridledger/protocol/topics";
import { executeBlock } from "../../edge-node/src/state/executor.ts";
import { PreparedTransaction } from "../../edge-node/src/state/prepared-transaction.ts";
import { StateView } from "../../edge-node/src/state/state-view.ts";
import { call } from "../hub/call.ts";
import { type Rig, startRig, until } from "../hub/rig.ts";
import { ChainBuilder } from "../support/chain-builder.ts";
import { begin, heard, put } from "./put.ts";
import { packed } from "./support.ts";

const LEGAL_BASIS = "PIPL art. 47";
const bytes = Buffer.from("name and address of the customer in number nine".repeat(40));

function proposalOf(action: Action): Uint8Array {
  const terms = { effectiveAtHeight: 0, expiresAtHeight: 90, reason: "asked for on 21 November" };
  return encodeProposal({ action, ...terms });
}

/** The proposal of the first and the approvals of the others, signed. */
function votes(builder: ChainBuilder, action: Action, voters: number): Uint8Array[] {
  const proposal = proposalOf(action);
  const proposalId = builder.chain.suite.hash(proposal);
  const approval = encodeApproval({ proposalId, heartbeat: new Uint8Array(0) });
  const [first, ...others] = builder.validators.slice(0, voters);
  return [
    builder.governance(first!, kind.proposal, proposal),
    ...others.map((voter) => builder.governance(voter, kind.approval, approval)),
  ];
}

describe("validators decide what becomes of an object", () => {
  const builder = new ChainBuilder();
  const { chain } = builder;
  const [first, second, third] = ["a", "b", "c"].map((text) =>
    packed(builder, builder.operator, Buffer.from(text)),
  );
  const rootOf = (of: typeof first) => of!.manifest.root;
  const erase = (root: Uint8Array): Action => ({ type: "erasure", root, legalBasis: LEGAL_BASIS });
  const amend = (root: Uint8Array, successor: Uint8Array): Action => {
    return { type: "amendment", root, successor, legalBasis: LEGAL_BASIS };
  };

  /** Each list in a block of its own: the state, or the first fault. */
  function run(...blocks: readonly (readonly Uint8Array[])[]): StateView | Fault {
    let tree = genesisState(chain);
    for (const [index, encoded] of blocks.entries()) {
      const at = { height: index + 1, timeMs: Date.UTC(2030, 0, 1), parentHash: chain.chainId };
      const transactions = encoded.map((one) => new PreparedTransaction(chain, one));
      const outcome = executeBlock({ chain, recent: new Set<string>() }, tree, at, transactions);
      if (outcome instanceof Fault) return outcome;
      tree = outcome.tree;
    }
    return new StateView(tree);
  }

  const objects = [first!.transaction, second!.transaction, third!.transaction];
  const stateOf = (root: Uint8Array, ...blocks: readonly (readonly Uint8Array[])[]) => {
    const outcome = run(objects, ...blocks);
    if (outcome instanceof Fault) throw outcome;
    return outcome.get(objectTable, root);
  };
  const refuses = (code: FaultCode, ...blocks: readonly (readonly Uint8Array[])[]) => {
    const outcome = run(objects, ...blocks);
    assert.ok(outcome instanceof Fault, "it was executed");
    assert.equal(outcome.code, code, outcome.message);
  };

  test("three of four erase, two do not", () => {
    const two = votes(builder, erase(rootOf(first)), 2);
    assert.equal(stateOf(rootOf(first), two)?.erasedHeight, undefined);
    const three = votes(builder, erase(rootOf(first)), 3);
    assert.equal(stateOf(rootOf(first), three)?.erasedHeight, 2);
    assert.equal(stateOf(rootOf(second), three)?.erasedHeight, undefined);
  });

  test("what is not there, or is gone already, is not erased", () => {
    refuses("OBJECT_UNKNOWN", votes(builder, erase(new Uint8Array(32)), 1));
    const decided = votes(builder, erase(rootOf(first)), 3);
    const again = { type: "erasure", root: rootOf(first), legalBasis: "another law" } as const;
    refuses("OBJECT_ERASED", decided, votes(builder, again, 1));
  });

  test("nobody but a validator proposes, and not without a legal basis", () => {
    const by = (key: typeof builder.operator) =>
      builder.governance(key, kind.proposal, proposalOf(erase(rootOf(first))));
    refuses("SENDER_ROLE", [by(builder.operator)]);
    const bare = { ...erase(rootOf(first)), legalBasis: " " } as Action;
    assert.throws(
      () => run([builder.governance(builder.validators[0]!, kind.proposal, proposalOf(bare))]),
      { code: "PROPOSAL_SHAPE" },
    );
  });

  test("an amendment names the next one, and never goes in a circle", () => {
    const decided = votes(builder, amend(rootOf(first), rootOf(second)), 3);
    assert.deepEqual(
      formatHex(stateOf(rootOf(first), decided)?.successor ?? new Uint8Array(0)),
      formatHex(rootOf(second)),
    );
    refuses("PROPOSAL_UNFIT", decided, votes(builder, amend(rootOf(first), rootOf(third)), 1));
    refuses("PROPOSAL_UNFIT", decided, votes(builder, amend(rootOf(second), rootOf(first)), 1));
  });

  test("a replica cannot say that it erased what nobody decided", () => {
    const receipt = builder.governance(
      builder.hub,
      kind.erasureReceipt,
      encodeErasureReceipt({ root: rootOf(first) }),
    );
    refuses("OBJECT_UNKNOWN", [receipt]);
    assert.ok(stateOf(rootOf(first), votes(builder, erase(rootOf(first)), 3), [receipt]));
    const other = builder.governance(
      builder.devices[0]!,
      kind.erasureReceipt,
      encodeErasureReceipt({ root: rootOf(first) }),
    );
    refuses("SENDER_ROLE", votes(builder, erase(rootOf(first)), 3), [other]);
  });
});

describe("a hub carries out what was decided", () => {
  let rig: Rig | undefined;
  afterEach(async () => {
    await rig?.stop();
    rig = undefined;
  });

  const erasureOf = (root: Uint8Array): Action => {
    return { type: "erasure", root, legalBasis: LEGAL_BASIS };
  };

  /** The erasure receipts that the hub sends to the chain. */
  function receiptsSent(builder: ChainBuilder): Uint8Array[] {
    const topic = topics.transaction("test", builder.hub.id);
    const sent = rig!.bus.published.filter((one) => one.topic === topic);
    return sent
      .flatMap(({ payload }) => [...decodeTransactions(payload)])
      .filter(
        (encoded) => decodeTransaction(builder.chain.suite, encoded).kind === kind.erasureReceipt,
      );
  }

  test("bytes and salts go, the root and every proof stay, and a signed receipt is on the chain", async () => {
    const builder = new ChainBuilder();
    rig = await startRig(builder);
    const gone = packed(builder, builder.operator, bytes);
    const stays = packed(builder, builder.operator, bytes.subarray(1));
    await put(rig, builder, gone);
    await put(rig, builder, stays);
    const root = formatHex(gone.manifest.root);
    rig.carry(builder.add(votes(builder, erasureOf(gone.manifest.root), 3)));
    await rig.indexed(3);
    await until(() => receiptsSent(builder).length > 0, "the receipt is sent");
    for (const path of ["/data", "/chunks/0", "/opening", "/bundle"]) {
      const { status, json } = await call(rig, `/api/v1/objects/${root}${path}`);
      assert.deepEqual([status, json.code], [410, "OBJECT_ERASED"], path);
    }
    const shown = (await call(rig, `/api/v1/objects/${root}`)).json;
    assert.deepEqual(shown.erased, { height: 3, legalBasis: LEGAL_BASIS });
    assert.equal(shown.chunksHere, 0);
    const proof = (await call(rig, `/api/v1/transactions/${shown.transaction}/proof`)).json;
    assert.equal(verifyObjectProof(builder.chain, proof).proven.height, 1);
    assert.equal((await call(rig, "/api/v1/objects/2.0/chunks/0")).status, 200);
    assert.equal((await begin(rig, gone)).json.code, "OBJECT_ERASED");

    const path = `/api/v1/objects/${root}/erasure`;
    const before = (await call(rig, path)).json;
    assert.deepEqual(before.receipts, []);
    assert.deepEqual(before.outstanding, [{ replica: builder.hub.id, name: "hub" }]);
    rig.carry(builder.add([receiptsSent(builder)[0]!]));
    await rig.indexed(4);
    const after = (await call(rig, path)).json;
    assert.deepEqual(after.outstanding, []);
    assert.deepEqual(after.receipts, [{ replica: builder.hub.id, name: "hub", height: 4 }]);
  });

  test("a hub that was away erases before it serves", async () => {
    const builder = new ChainBuilder();
    rig = await startRig(builder);
    const gone = packed(builder, builder.operator, bytes);
    await put(rig, builder, gone);
    assert.equal((await call(rig, "/api/v1/objects/1.0/data")).status, 200);
    const { directoryPath: directory } = rig;
    await rig.stop(true);
    const decided = builder.add(votes(builder, erasureOf(gone.manifest.root), 3));
    rig = await startRig(builder, { directory });
    const early = await call(rig, "/api/v1/objects/1.0/chunks/0");
    assert.deepEqual([early.status, early.json.code], [503, "NOT_READY"]);
    rig.carry(decided);
    await rig.indexed(2);
    heard(rig, builder);
    const { json } = await call(rig, "/api/v1/objects/1.0/chunks/0");
    assert.equal(json.code, "OBJECT_ERASED");
    await until(() => receiptsSent(builder).length > 0, "the receipt is sent");
  });

  test("an amended object says what took its place, and the new one what it replaced", async () => {
    const builder = new ChainBuilder();
    rig = await startRig(builder);
    const wrong = packed(builder, builder.operator, bytes);
    const right = packed(builder, builder.operator, bytes.subarray(5));
    await put(rig, builder, wrong);
    await put(rig, builder, right);
    const [root, successor] = [wrong.manifest.root, right.manifest.root];
    const action: Action = { type: "amendment", root, successor, legalBasis: "order 12" };
    rig.carry(builder.add(votes(builder, action, 3)));
    await rig.indexed(3);
    const change = { height: 3, legalBasis: "order 12" };
    const before = (await call(rig, "/api/v1/objects/1.0")).json;
    assert.deepEqual(before.successors, [{ root: formatHex(successor), ...change }]);
    const after = (await call(rig, "/api/v1/objects/2.0")).json;
    assert.deepEqual(after.predecessors, [{ root: formatHex(root), ...change }]);
    assert.equal((await call(rig, "/api/v1/objects/1.0/chunks/0")).status, 200);
  });
});
