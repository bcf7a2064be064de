import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { encodeHeader, plainHeader } from "@gridledger/protocol/ledger/header";
import type { Seal } from "@gridledger/protocol/ledger/seal";
import {
  type Statement,
  statementPreimage,
  type VoteType,
  voteType,
} from "@gridledger/protocol/ledger/vote";
import { encodeCertificate } from "@gridledger/protocol/messages/certificate";
import { encodeCommit } from "@gridledger/protocol/messages/commit";
import {
  decodeEvidence,
  encodeEvidence,
  offenceOf,
  verifyEvidence,
} from "@gridledger/protocol/messages/evidence";
import { encodePrepare } from "@gridledger/protocol/messages/prepare";
import {
  encodeJustification,
  encodeProposal,
  type Justification,
} from "@gridledger/protocol/messages/proposal";
import { encodeRoundChange } from "@gridledger/protocol/messages/round-change";
import { PoaEngine } from "../../edge-node/src/consensus/poa/poa.ts";
import type { Action, EngineEvent } from "../../edge-node/src/consensus/ports.ts";
import { fakeSigner, fakeSuite } from "./fake-suite.ts";
import { SimChain } from "./sim-chain.ts";
import { chainId } from "./sim-node.ts";
import { World } from "./world.ts";

const { validators, publishers, validatorsHash } = new World({ seed: 0, validators: 4 });
const publicKeys = validators.map(({ publicKey }) => publicKey);
const [a, b] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)];
const HEIGHT = 5;

const sign = (from: number, statement: Statement, height = HEIGHT) =>
  fakeSigner(from).sign(statementPreimage({ chainId, validatorsHash, height }, statement));

/** Validator 0 at a height; in round r validator (height + r) mod 4 proposes. */
function node() {
  const chain = new SimChain(validatorsHash, () => 1_000, validators);
  const engine = new PoaEngine({
    ...{ suite: fakeSuite, chainId, signer: fakeSigner(0), blocks: chain },
  });
  engine.handle({ type: "restored", wal: "intact", records: [] });
  const reach = (height: number, parentHash = chain.headHash, parentSeal?: Seal) =>
    engine.handle({
      ...{ type: "newHeight", height, parentHash, validators, validatorsHash },
      ...(parentSeal === undefined ? {} : { parentSeal }),
      ...{ waitMs: 0, baseTimeoutMs: 2_000 },
    } satisfies EngineEvent);
  const hear = (from: number, bytes: Uint8Array) =>
    engine.handle({ type: "message", publisher: publishers[from]!, bytes });
  reach(HEIGHT);
  engine.handle({ type: "connected" });
  return { engine, reach, hear };
}

/** Names of what the actions prove, to whoever has the validators' keys and nothing else. */
function proven(actions: readonly Action[]): (string | undefined)[] {
  return actions.flatMap((action) => {
    if (action.type !== "evidence") return [];
    const evidence = decodeEvidence(action.bytes);
    assert.deepEqual(encodeEvidence(evidence), action.bytes);
    const place = { chainId, validatorsHash, height: evidence.height };
    assert.ok(verifyEvidence(fakeSuite, publicKeys, place, evidence), "it proves nothing");
    const other = { ...evidence, validator: (evidence.validator + 1) % 4 };
    assert.ok(!verifyEvidence(fakeSuite, publicKeys, place, other), "it accuses anybody");
    return [`${offenceOf(evidence)} of ${evidence.validator} at ${evidence.height}`];
  });
}

function vote(from: number, type: VoteType, round: number, blockHash: Uint8Array, height = HEIGHT) {
  const signature = sign(from, { type, round, blockHash }, height);
  const encode = type === voteType.prepare ? encodePrepare : encodeCommit;
  return encode({ height, round, from, blockHash, signature });
}

function seal(type: VoteType, round: number, blockHash: Uint8Array, signers = [1, 2, 3]): Seal {
  const signatures = signers.map((signer) => ({
    signer,
    signature: sign(signer, { type, round, blockHash }),
  }));
  return { round, signatures };
}

function roundChange(from: number, round: number, prepared: Seal | null, blockHash = a) {
  const claim = prepared && { round: prepared.round, blockHash };
  const signature = sign(from, { type: voteType.roundChange, round, prepared: claim });
  return { from, prepared: claim, signature };
}

function lateRoundChange(from: number, round: number): Uint8Array {
  const { signature } = roundChange(from, round, null);
  return encodeRoundChange({ height: HEIGHT, round, from, prepared: null, block: null, signature });
}

function propose(from: number, round: number, justification: Justification | null, timeMs = 1) {
  const encodedHeader = encodeHeader({
    ...{ height: HEIGHT, timeMs, parentHash: b, txRoot: b, stateRoot: b },
    ...{ validatorsHash, nextValidatorsHash: validatorsHash, proposer: from, round, txCount: 0 },
    ...plainHeader,
  });
  const encodedJustification = encodeJustification(justification);
  const blockHash = fakeSuite.hash(encodedHeader);
  const justificationHash = fakeSuite.hash(encodedJustification);
  const signature = sign(from, { type: voteType.proposal, round, blockHash, justificationHash });
  const named = { encodedHeader, txHashes: [], encodedJustification, signature };
  return encodeProposal({ height: HEIGHT, round, from, ...named });
}

describe("a proposal that its own justification does not allow", () => {
  const changes = [0, 2, 3].map((from) => roundChange(from, 1, null));
  const prepared = seal(voteType.prepare, 0, a);
  const bound = [roundChange(0, 1, prepared), ...changes.slice(1)];
  const stolen = { ...changes[0]!, signature: changes[1]!.signature };
  const cases: readonly [name: string, round: number, justification: Justification | null][] = [
    ["none in a later round", 1, null],
    ["one in round 0", 0, { roundChanges: [], prepared: null }],
    ["too few round changes", 1, { roundChanges: changes.slice(1), prepared: null }],
    ["a forged round change", 1, { roundChanges: [stolen, ...changes.slice(1)], prepared: null }],
    ["round changes of another round", 2, { roundChanges: changes, prepared: null }],
    ["a certificate left out", 1, { roundChanges: bound, prepared: null }],
    [
      "another block prepared",
      1,
      { roundChanges: bound, prepared: { blockHash: a, seal: prepared } },
    ],
    [
      "a certificate of too few",
      1,
      {
        roundChanges: bound,
        prepared: { blockHash: a, seal: seal(voteType.prepare, 0, a, [1, 2]) },
      },
    ],
  ];
  for (const [name, round, justification] of cases) {
    it(`is proof against its proposer: ${name}`, () => {
      const from = (HEIGHT + round) % 4;
      const said = [`unjustifiedProposal of ${from} at ${HEIGHT}`];
      const { hear } = node();
      assert.deepEqual(proven(hear(from, propose(from, round, justification))), said);
      assert.deepEqual(proven(hear(from, propose(from, round, justification, 2))), [], "once");
    });
  }

  it("is none when the justification is good, whatever else is wrong with it", () => {
    const good = { roundChanges: changes, prepared: null };
    const actions = node().hear(2, propose(2, 1, good));
    assert.ok(
      actions.some((action) => action.type === "reject"),
      "its parent is another",
    );
    assert.deepEqual(proven(actions), []);
  });

  it("is none without the proposer's signature", () => {
    const forged = propose(2, 1, null);
    forged[forged.length - 1]! ^= 1;
    assert.deepEqual(proven(node().hear(2, forged)), []);
  });
});

describe("what a validator signs for a height that is decided", () => {
  const { commit, prepare } = voteType;

  it("is compared with the seal, also where sync brought the block", () => {
    const { reach, hear } = node();
    reach(HEIGHT + 1, a, seal(commit, 2, a));
    assert.deepEqual(proven(hear(3, vote(3, commit, 2, a))), []);
    assert.deepEqual(proven(hear(3, vote(3, commit, 2, b))), ["doubleCommit of 3 at 5"]);
    assert.deepEqual(proven(hear(3, vote(3, commit, 2, b))), []);
    assert.deepEqual(proven(hear(1, lateRoundChange(1, 3))), ["amnesia of 1 at 5"]);
  });

  it("is compared with what came in time, and with what came late", () => {
    const { reach, hear } = node();
    hear(1, vote(1, prepare, 0, a));
    hear(1, propose(1, 0, null));
    reach(HEIGHT + 1, a, seal(commit, 0, a, [0, 1, 2]));
    assert.deepEqual(proven(hear(1, vote(1, prepare, 0, b))), ["doublePrepare of 1 at 5"]);
    assert.deepEqual(proven(hear(3, vote(3, commit, 1, a))), []);
    assert.deepEqual(proven(hear(3, vote(3, commit, 1, b))), ["doubleCommit of 3 at 5"]);
    assert.deepEqual(proven(hear(2, propose(2, 1, null))), []);
    assert.deepEqual(proven(hear(2, propose(2, 1, null, 2))), ["doubleProposal of 2 at 5"]);
  });

  it("is found in a relay's certificate, and in either order", () => {
    const { reach, hear } = node();
    reach(HEIGHT + 1, a, seal(commit, 0, a, [0, 1, 2]));
    assert.deepEqual(proven(hear(3, lateRoundChange(3, 1))), []);
    const late = { type: commit, height: HEIGHT, blockHash: b, seal: seal(commit, 0, b, [2, 3]) };
    const actions = hear(1, encodeCertificate(late));
    assert.deepEqual(proven(actions), ["doubleCommit of 2 at 5", "amnesia of 3 at 5"]);
  });

  it("accuses nobody whose signature was forged", () => {
    const { reach, hear } = node();
    reach(HEIGHT + 1, a, seal(commit, 0, a));
    const forged = vote(3, commit, 0, b);
    forged[forged.length - 1]! ^= 1;
    assert.deepEqual(proven(hear(3, forged)), []);
    assert.deepEqual(proven(hear(2, vote(3, commit, 0, b))), [], "under another's name");
    assert.deepEqual(proven(hear(3, vote(3, commit, 0, b))), ["doubleCommit of 3 at 5"]);
  });

  it("is looked at for 64 heights of four validators, and then no more", () => {
    const { reach, hear } = node();
    reach(HEIGHT + 1, a, seal(commit, 0, a));
    for (let next = HEIGHT + 2; next <= HEIGHT + 64; next++) reach(next);
    assert.deepEqual(proven(hear(3, vote(3, commit, 0, b))), ["doubleCommit of 3 at 5"]);
    reach(HEIGHT + 65);
    assert.deepEqual(proven(hear(2, vote(2, commit, 0, b))), []);
  });

  it("is held in bounded memory, whatever comes", () => {
    const { engine, reach, hear } = node();
    for (let next = HEIGHT; next < HEIGHT + 80; next++) {
      reach(next + 1);
      for (let round = 0; round < 40; round++) {
        for (const type of [prepare, commit]) hear(3, vote(3, type, round, a, next));
        hear(3, lateRoundChange(3, round));
      }
    }
    // Of one validator: 3 rounds of PREPAREs and of COMMITs from the sealed one on, 1 round change.
    assert.ok(engine.view.heldLate <= 65 * 7, String(engine.view.heldLate));
  });
});
