import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { encodeCommitteeParameters } from "@gridledger/protocol/committee/parameters";
import { Fault, type FaultCode } from "@gridledger/protocol/faults";
import { equalBytes, formatHex } from "@gridledger/protocol/hex";
import { genesisState } from "@gridledger/protocol/ledger/genesis-state";
import { decodeHeader } from "@gridledger/protocol/ledger/header";
import { kind } from "@gridledger/protocol/ledger/kinds";
import { EVIDENCE_WINDOW_BLOCKS, offence, offences } from "@gridledger/protocol/ledger/offences";
import { keysAt, rememberSet } from "@gridledger/protocol/ledger/past-sets";
import { type Statement, statementPreimage, voteType } from "@gridledger/protocol/ledger/vote";
import { decodeDecide } from "@gridledger/protocol/messages/decide";
import { encodeEvidence, type SignedStatement } from "@gridledger/protocol/messages/evidence";
import { encodePrepare } from "@gridledger/protocol/messages/prepare";
import { encodeJustification, type Justification } from "@gridledger/protocol/messages/proposal";
import { filters, topics } from "@gridledger/protocol/topics";
import { executeBlock } from "../../edge-node/src/state/executor.ts";
import { PreparedTransaction } from "../../edge-node/src/state/prepared-transaction.ts";
import { StateView } from "../../edge-node/src/state/state-view.ts";
import { MqttLink } from "../../edge-node/src/transport/mqtt-link.ts";
import { startNetwork, until } from "./processes.ts";
import { Meter, network, type Person, sign, suite } from "./support.ts";

const [one, two] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)];

function signed(
  { chain }: Pick<ReturnType<typeof network>, "chain">,
  { signer }: Person,
  height: number,
  statement: Statement,
): SignedStatement {
  const { chainId, validatorsHash } = chain;
  const preimage = statementPreimage({ chainId, validatorsHash, height }, statement);
  return { ...statement, signature: signer.sign(preimage) };
}

describe("the rule of evidence", () => {
  const net = network();
  const { chain, validators, devices } = net;
  const [accused, reporter] = [validators[2]!, validators[0]!];
  const commit = (blockHash: Uint8Array, height = 5, who = accused) =>
    signed(net, who, height, { type: voteType.commit, round: 0, blockHash });

  function payload(first: SignedStatement, second: SignedStatement, height = 5, validator = 2) {
    return encodeEvidence({ height, validator, first, second });
  }

  function unjustified(justification: Justification | null, round = 1): Uint8Array {
    const encoded = encodeJustification(justification);
    const justificationHash = suite.hash(encoded);
    const statement = { type: voteType.proposal, round, blockHash: one, justificationHash };
    const { signature } = signed(net, accused, 5, statement);
    const proposal = { ...statement, signature };
    return encodeEvidence({ height: 5, validator: 2, proposal, justification: encoded });
  }

  function run(encoded: readonly Uint8Array[], height = 9) {
    const transactions = encoded.map((bytes) => new PreparedTransaction(chain, bytes));
    const at = { height, timeMs: 1_800_000_000_000, parentHash: one };
    const recent = { has: () => false };
    return executeBlock({ chain, recent }, genesisState(chain), at, transactions);
  }

  const report = (bytes: Uint8Array, from = reporter) =>
    sign(chain, from, bytes, { kind: kind.evidence, validUntilHeight: 20 });

  function refuses(encoded: readonly Uint8Array[], code: FaultCode, height = 9): void {
    let outcome: unknown;
    try {
      // The window of a transaction is no concern here.
      outcome = run(encoded, height);
    } catch (thrown) {
      outcome = thrown;
    }
    assert.ok(outcome instanceof Fault, "it was taken");
    assert.equal(outcome.code, code);
  }

  it("records who did what, where, and who said so", () => {
    const outcome = run([report(payload(commit(one), commit(two)))]);
    assert.ok(!(outcome instanceof Fault));
    const place = { validator: accused.id, height: 5, offence: offence.doubleCommit };
    const record = new StateView(outcome.tree).get(offences, place);
    assert.deepEqual(record, { recordedAt: 9, reporter: new Uint8Array(reporter.id) });
  });

  it("takes double proposals, double prepares and amnesia", () => {
    const proposal = (blockHash: Uint8Array) => {
      const type = voteType.proposal;
      return signed(net, accused, 5, { type, round: 0, blockHash, justificationHash: one });
    };
    const prepare = (blockHash: Uint8Array) =>
      signed(net, accused, 5, { type: voteType.prepare, round: 0, blockHash });
    const forgets = signed(net, accused, 5, {
      type: voteType.roundChange,
      round: 1,
      prepared: null,
    });
    const outcome = run([
      report(payload(proposal(one), proposal(two))),
      report(payload(prepare(one), prepare(two))),
      report(payload(commit(one), forgets)),
    ]);
    assert.ok(!(outcome instanceof Fault));
    assert.ok(outcome.writes.length >= 3);
  });

  it("takes a proposal that its own justification does not allow, and no other", () => {
    const roundChanges = [0, 1, 3].map((from) => ({
      from,
      prepared: null,
      signature: signed(net, validators[from]!, 5, {
        ...{ type: voteType.roundChange, round: 1, prepared: null },
      }).signature,
    }));
    const tooFew = { roundChanges: roundChanges.slice(1), prepared: null };
    const outcome = run([report(unjustified(tooFew))]);
    assert.ok(!(outcome instanceof Fault));
    const place = { validator: accused.id, height: 5, offence: offence.unjustifiedProposal };
    assert.equal(new StateView(outcome.tree).get(offences, place)?.recordedAt, 9);
    refuses([report(unjustified(tooFew)), report(unjustified(null))], "EVIDENCE_KNOWN");
    refuses([report(unjustified({ roundChanges, prepared: null }))], "EVIDENCE_INVALID");
    refuses([report(unjustified(null, 0))], "EVIDENCE_INVALID");
  });

  it("judges by the committee, on a channel that draws one", () => {
    const drawn = network({
      engine: "committee",
      engineParameters: encodeCommitteeParameters({ seats: 3, epochBlocks: 50 }),
    });
    const seated = drawn.chain.firstSet;
    const { publicKey } = seated.validators[1]!;
    const member = drawn.validators.find(({ signer }) => equalBytes(signer.publicKey, publicKey))!;
    assert.equal(seated.validators.length, 3);
    const [first, second] = [one, two].map((blockHash) =>
      signed({ chain: { ...drawn.chain, validatorsHash: seated.hash } }, member, 5, {
        type: voteType.commit,
        round: 0,
        blockHash,
      }),
    );
    const bytes = encodeEvidence({ height: 5, validator: 1, first: first!, second: second! });
    const encoded = sign(drawn.chain, drawn.validators[0]!, bytes, {
      ...{ kind: kind.evidence, validUntilHeight: 20 },
    });
    const at = { height: 9, timeMs: 1_800_000_000_000, parentHash: one };
    const deps = { chain: drawn.chain, recent: { has: () => false } };
    const transactions = [new PreparedTransaction(drawn.chain, encoded)];
    assert.ok(!(executeBlock(deps, genesisState(drawn.chain), at, transactions) instanceof Fault));
  });

  it("records an offence once, whoever reports it and with whatever else", () => {
    const three = new Uint8Array(32).fill(3);
    const again = report(payload(commit(two), commit(three)), validators[1]!);
    refuses([report(payload(commit(one), commit(two))), again], "EVIDENCE_KNOWN");
  });

  it("refuses what proves nothing", () => {
    const other = validators[1]!;
    const forged = { ...commit(two), signature: new Uint8Array(64) };
    refuses([report(payload(commit(one), forged))], "EVIDENCE_INVALID");
    refuses([report(payload(commit(one), commit(two, 5, other)))], "EVIDENCE_INVALID");
    refuses([report(payload(commit(one), commit(two), 5, 3))], "EVIDENCE_INVALID");
    refuses([report(payload(commit(one), commit(two), 5, 4))], "EVIDENCE_INVALID");
    refuses([report(payload(commit(one), commit(one)))], "EVIDENCE_INVALID");
    refuses([report(payload(commit(one), commit(two), 6))], "EVIDENCE_INVALID");
    refuses([report(payload(commit(one), commit(two)), devices[0]!)], "SENDER_ROLE");
  });

  it("refuses what is too old or has not been", () => {
    const late = 5 + EVIDENCE_WINDOW_BLOCKS;
    const bytes = payload(commit(one), commit(two));
    const valid = (validUntilHeight: number) =>
      sign(chain, reporter, bytes, { kind: kind.evidence, validUntilHeight });
    assert.ok(!(run([valid(late)], late) instanceof Fault));
    refuses([valid(late + 1)], "EVIDENCE_OLD", late + 1);
    refuses([valid(20)], "EVIDENCE_PLACE", 4);
  });

  it("judges by the set of the height, as long as it is remembered", () => {
    const state = new StateView(genesisState(chain));
    const sets = Array.from({ length: 40 }, (_, i) => [{ publicKey: validatorKey(i), name: "" }]);
    for (const [i, set] of sets.entries()) rememberSet(state, set, 10 * (i + 1));
    const current = [{ publicKey: validatorKey(99), name: "" }];
    assert.deepEqual(keysAt(state, current, 401), [validatorKey(99)]);
    assert.deepEqual(keysAt(state, current, 400), [validatorKey(39)]);
    assert.deepEqual(keysAt(state, current, 391), [validatorKey(39)]);
    assert.deepEqual(keysAt(state, current, 390), [validatorKey(38)]);
    assert.equal(keysAt(state, current, 50), undefined);
    rememberSet(state, current, 20_000);
    assert.deepEqual(keysAt(state, sets[0]!, 300), [validatorKey(99)]);
  });

  const validatorKey = (i: number) => new Uint8Array(33).fill(i);
});

describe("a validator that votes twice", () => {
  let net: Awaited<ReturnType<typeof startNetwork>>;
  const finals: { height: number; txCount: number }[] = [];

  before(async () => {
    net = await startNetwork({ policy: { maxBatchDelayMs: 20 } });
    net.observer.subscribe(filters.decides("test"), (_, bytes) => {
      finals.push(decodeHeader(decodeDecide(bytes).encodedHeader));
    });
    await until("connected", () => net.device.connected && net.observer.connected);
    // The fourth never runs: somebody else speaks with its key.
    await Promise.all(net.nodes.slice(0, 3).map((node) => node.start()));
  });
  after(() => net.stop());

  it("is on the chain with the proof in the next block", async () => {
    const { chain, validators } = net;
    net.submit([new Meter(chain, net.devices[0]!, "m").next()]);
    await until("a block", () => finals.length > 0, 40_000);
    const [{ height: head } = { height: 0 }] = finals.slice(-1);
    const liar = validators[3]!;
    const deps = { suite, signer: liar.signer, chainId: chain.chainId };
    const link = new MqttLink(deps, { urls: [net.url] });
    link.start();
    await until("connected", () => link.connected);
    const height = head + 1;
    for (const blockHash of [one, two]) {
      const statement = { type: voteType.prepare, round: 0, blockHash } as const;
      const { signature } = signed(net, liar, height, statement);
      const vote = encodePrepare({ height, round: 0, from: 3, blockHash, signature });
      link.publish(topics.consensus("test", "v", formatHex(liar.id)), vote);
    }
    await until(
      "evidence in a block",
      () => finals.some((final) => final.height === height),
      30_000,
    );
    await link.stop();
  });
});
