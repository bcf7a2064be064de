import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { contract } from "@gridledger/protocol/api/contract";
import { encodeApproval } from "@gridledger/protocol/governance/approval";
import { encodeProposal } from "@gridledger/protocol/governance/proposal";
import { formatHex } from "@gridledger/protocol/hex";
import { ValidatorHistory } from "@gridledger/protocol/ledger/handover";
import { kind } from "@gridledger/protocol/ledger/kinds";
import { verifyProof } from "@gridledger/protocol/ledger/proof";
import { validatorsHash } from "@gridledger/protocol/ledger/validators";
import { decodeReceipt, verifyReceipt } from "@gridledger/protocol/messages/receipt";
import { topics } from "@gridledger/protocol/topics";
import { prove } from "../../hub/src/index/query/prove.ts";
import { ChainBuilder } from "../support/chain-builder.ts";
import { type Rig, startRig } from "./rig.ts";

const T0 = 1_750_000_000_000;
const nothing = new Uint8Array(0);
const folder = mkdtempSync(join(tmpdir(), "gl-sets-"));
const rigs: Rig[] = [];

after(async () => {
  for (const rig of rigs) await rig.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** Block 1: three of four validators remove the last. Block 2: a reading, sealed by the other three. */
function shrinkingChain() {
  const builder = new ChainBuilder({ validators: 4 });
  const { chain, validators } = builder;
  const payload = encodeProposal({
    action: { type: "remove", publicKey: validators[3]!.signer.publicKey },
    ...{ effectiveAtHeight: 0, expiresAtHeight: 50, reason: "" },
  });
  const approval = encodeApproval({ proposalId: chain.suite.hash(payload), heartbeat: nothing });
  const three = validatorsHash(chain.suite.hash, chain.validators.slice(0, 3));
  const votes = [
    builder.governance(validators[0]!, kind.proposal, payload),
    builder.governance(validators[1]!, kind.approval, approval),
    builder.governance(validators[2]!, kind.approval, approval),
  ];
  const change = builder.make(votes, { nextValidatorsHash: three });
  builder.blocks.push(change);
  const next = { validatorsHash: three, nextValidatorsHash: three };
  const reading = builder.batch(builder.devices[0]!, { meter: "M1", timesMs: [T0] });
  const after = builder.make([reading], next, [0, 1]);
  builder.blocks.push(after);
  return { builder, votes, change, after, three };
}

async function newRig(builder: ChainBuilder, directory?: string) {
  const rig = await startRig(builder, directory === undefined ? {} : { directory });
  rigs.push(rig);
  return rig;
}

describe("the hub follows a changing validator set", () => {
  test("the block that two of the new three sealed counts, and the removed one is no node", async () => {
    const { builder, change, after: next } = shrinkingChain();
    const rig = await newRig(builder);
    rig.carry(change);
    rig.carry(next);
    await rig.indexed(2);
    const names = rig.index.nodes().map(({ name }) => name);
    assert.deepEqual(
      names,
      builder.validators.slice(0, 3).map(({ name }) => name),
    );
    assert.equal(rig.directory.find(builder.validators[3]!.id)?.role, "candidate");
    const answer = await rig.app.request("/api/v1/blocks/2");
    const shown = (await answer.json()) as { seal: { signatures: { name: string }[] } };
    assert.equal(shown.seal.signatures[1]?.name, names[1]);
  });

  test("two of the old four are no quorum: without the change the same seal is refused", async () => {
    const { builder, after: next } = shrinkingChain();
    const rig = await newRig(builder);
    rig.carry(next);
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(rig.index.head.height, 0);
  });

  test("a block that hands over to a set its transactions do not make is refused", async () => {
    const { builder, votes, three } = shrinkingChain();
    const rig = await newRig(builder);
    builder.blocks.length = 0;
    rig.carry(builder.make(votes.slice(0, 2), { nextValidatorsHash: three }));
    rig.carry(builder.make(votes));
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(rig.index.head.height, 0);
    rig.carry(builder.make(votes, { nextValidatorsHash: three }));
    await rig.indexed(1);
  });

  test("receipts and proofs walk the handovers from the genesis, and fail without them", async () => {
    const { builder, change, after: next } = shrinkingChain();
    const { chain } = builder;
    const rig = await newRig(builder);
    const receipts: Uint8Array[] = [];
    rig.bus.subscribe(`gl/test/f/${builder.devices[0]!.id}/+`, (_, bytes) => receipts.push(bytes));
    rig.carry(change);
    rig.carry(next);
    await rig.indexed(2);
    const receipt = decodeReceipt(receipts[0]!);
    assert.equal(verifyReceipt(chain, receipt), 2);
    const { handovers = [], ...bare } = receipt;
    assert.equal(handovers.length, 1);
    assert.throws(() => verifyReceipt(chain, bare), { code: "PROOF_INVALID" });
    const history = new ValidatorHistory(chain);
    history.learn(handovers);
    assert.equal(verifyReceipt(chain, bare, history), 2, "what was learnt is kept");
    const { blocks, transactions, keys, sets } = rig.index;
    const proof = await prove({ chain, blocks, transactions, keys, sets }, next.txHashes[0]!);
    assert.equal(verifyProof(chain, JSON.parse(JSON.stringify(proof))).height, 2);
    const { handovers: _, ...unproven } = proof;
    assert.throws(() => verifyProof(chain, unproven), { code: "PROOF_INVALID" });
    const early = await prove({ chain, blocks, transactions, keys, sets }, change.txHashes[0]!);
    assert.equal(early.handovers, undefined, "the genesis' own blocks need none");
    assert.equal(verifyProof(chain, early).height, 1);
  });

  test("a handover with other keys, or sealed by too few, proves nothing", async () => {
    const { builder, change } = shrinkingChain();
    const { chain } = builder;
    const publicKeys = chain.validators.slice(0, 3).map(({ publicKey }) => publicKey);
    const { encodedHeader, seal } = change;
    const learn = (handover: Parameters<ValidatorHistory["learn"]>[0][0]) =>
      new ValidatorHistory(chain).learn([handover]);
    learn({ encodedHeader, seal, publicKeys });
    const others = chain.validators.slice(1).map(({ publicKey }) => publicKey);
    assert.throws(() => learn({ encodedHeader, seal, publicKeys: others }), {
      code: "PROOF_INVALID",
    });
    const few = { ...seal, signatures: seal.signatures.slice(1) };
    assert.throws(() => learn({ encodedHeader, seal: few, publicKeys }), { code: "SEAL_INVALID" });
  });

  test("keys of a set that was replaced seal nothing after it", () => {
    const { builder, change } = shrinkingChain();
    const { chain } = builder;
    const history = new ValidatorHistory(chain);
    const publicKeys = chain.validators.slice(0, 3).map(({ publicKey }) => publicKey);
    history.learn([{ ...change, publicKeys }]);
    builder.blocks.length = 1;
    const reading = builder.batch(builder.devices[0]!, { meter: "M2", timesMs: [T0] });
    const late = builder.make([reading]);
    assert.throws(() => history.verify(late.encodedHeader, late.seal), { code: "PROOF_INVALID" });
  });

  test("REST shows open proposals with their votes and effect, and who could join", async () => {
    const builder = new ChainBuilder({ validators: 4 });
    const { chain, validators } = builder;
    const rig = await newRig(builder);
    const candidate = builder.newKey("node-5");
    const { publicKey } = candidate.signer;
    const enrolment = builder.enrolment({ role: "candidate", publicKey, name: "node-5" });
    rig.carry(builder.add([enrolment]));
    await rig.indexed(1);
    const timeMs = rig.clock.now();
    for (const node of [...validators.slice(0, 3), candidate]) {
      rig.bus.publish(topics.status("test", node.id), builder.status(node, { timeMs }));
    }
    const heartbeat = builder.status(candidate, { timeMs });
    const add = encodeProposal({
      action: { type: "add", publicKey, name: "node-5", heartbeat },
      ...{ effectiveAtHeight: 0, expiresAtHeight: 50, reason: "a new site" },
    });
    const proposalId = chain.suite.hash(add);
    rig.carry(builder.add([builder.governance(validators[2]!, kind.proposal, add)]));
    const yes = encodeApproval({ proposalId, heartbeat: nothing });
    rig.carry(builder.add([builder.governance(validators[0]!, kind.approval, yes)]));
    await rig.indexed(3);
    const answer = await rig.app.request("/api/v1/proposals");
    assert.equal(answer.status, 200);
    const shown = contract.proposals.answer.parse(await answer.json());
    assert.equal(shown.policies.membership, "two-thirds");
    assert.deepEqual(
      shown.validators.map(({ online }) => online),
      [true, true, true, false],
    );
    assert.deepEqual(
      shown.candidates.map(({ name, height }) => [name, height]),
      [["node-5", 1]],
    );
    const [item] = shown.items;
    assert.equal(item?.id, formatHex(proposalId));
    assert.equal(item?.encoded, Buffer.from(add).toString("base64url"));
    assert.deepEqual(item?.approvals, [validators[2]!.name, validators[0]!.name]);
    assert.deepEqual([item?.subject, item?.given, item?.needed], ["node-5", 2, 3]);
    // Four of five would be there, and four are the quorum of five.
    assert.equal(item?.forecast.verdict, "no-reserve");
    assert.equal(item?.reason, "a new site");
    const { before, after } = item!.forecast;
    assert.deepEqual(before, { validators: 4, online: 3, quorum: 3, faultTolerance: 1 });
    assert.deepEqual(after, { validators: 5, online: 4, quorum: 4, faultTolerance: 1 });
  });

  test("a hub that starts again knows the set and the roles from its own index", async () => {
    const { builder, change, after: next } = shrinkingChain();
    const first = await startRig(builder, { directory: folder });
    first.carry(change);
    await first.indexed(1);
    await first.stop(true);
    const second = await newRig(builder, folder);
    assert.equal(second.index.nodes().length, 3);
    assert.equal(second.directory.find(builder.validators[3]!.id)?.role, "candidate");
    second.carry(next);
    await second.indexed(2);
  });
});
