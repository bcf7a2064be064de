import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { FaultCode } from "@gridledger/protocol/faults";
import { finalityRule } from "@gridledger/protocol/ledger/finality";
import { decodeGenesis, encodeGenesis } from "@gridledger/protocol/ledger/genesis";
import { encodeHeader, type Header } from "@gridledger/protocol/ledger/header";
import type { Seal } from "@gridledger/protocol/ledger/seal";
import {
  decodeWorkParameters,
  encodeWork,
  encodeWorkParameters,
  expectedWork,
  hasWork,
  readWork,
  type Work,
} from "@gridledger/protocol/ledger/work";
import { minedPreimage } from "@gridledger/protocol/ledger/work-finality";
import { encodeMinedBlock } from "@gridledger/protocol/messages/mined-block";
import type { Action, EngineEvent } from "../../edge-node/src/consensus/ports.ts";
import { network } from "../edge-node/support.ts";
import { fakeSigner, fakeSuite } from "./fake-suite.ts";
import { powChain, publisherOf, workParameters } from "./pow-chain.ts";
import { PowNode } from "./pow-node.ts";
import { PowWorld } from "./pow-world.ts";

const world = new PowWorld({ seed: 31, work: { finalityDepth: 3 } });
for (let i = 0; i < 12; i++) {
  world.submit();
  world.run(1_000);
}
world.run(60_000);
const { chain } = world;
const rule = finalityRule(chain);
const set = { validators: chain.validators, hash: chain.validatorsHash };
const { finals } = world.nodes[0]!;
const [sealed, next] = finals.slice(4);
assert.ok(sealed && next);

/** Finds a nonce for the header; `work` false finds one that does not meet the target. */
function mine(header: Header, hasEnough = true): Header {
  const work = readWork(header);
  for (let i = 0; ; i++) {
    const nonce = new Uint8Array(8);
    new DataView(nonce.buffer).setUint32(4, i);
    const tried = { ...header, engineData: encodeWork({ ...work, nonce }) };
    const isEnough = hasWork(fakeSuite.hash(encodeHeader(tried)), work.difficulty);
    if (isEnough === hasEnough) return tried;
  }
}

function withWork(header: Header, change: Partial<Work>): Header {
  return { ...header, engineData: encodeWork({ ...readWork(header), ...change }) };
}

function signed(header: Header, index = header.proposer) {
  const encodedHeader = encodeHeader(header);
  const blockHash = fakeSuite.hash(encodedHeader);
  const signature = fakeSigner(index).sign(minedPreimage(chain, header, blockHash));
  return { encodedHeader, signature, blockHash };
}

describe("the seal of a pow block", () => {
  const { block, seal } = sealed;
  const refuses = (wrong: Seal, code: FaultCode = "SEAL_INVALID") =>
    assert.throws(() => rule.verify([set], block, wrong), { code });

  it("is its miner's signature and the blocks after it", () => {
    rule.verify([set], block, seal);
    assert.equal(seal.confirmations?.length, 3);
    assert.equal(rule.depth, 3);
  });

  it("lacks a block, and is none", () => {
    refuses({ ...seal, confirmations: seal.confirmations!.slice(0, 2) });
    const { confirmations: _, ...bare } = seal;
    refuses(bare);
  });

  it("is not made by somebody else's signature, on the block or on one after it", () => {
    const { signature } = signed(block.header, 1 - Math.min(1, block.header.proposer));
    refuses({ ...seal, signatures: [{ signer: block.header.proposer, signature }] });
    const [first, ...rest] = seal.confirmations!;
    refuses({ ...seal, confirmations: [{ ...first!, signature }, ...rest] });
  });

  it("is not made by blocks that do not follow each other", () => {
    const [first, second, third] = seal.confirmations!;
    refuses({ ...seal, confirmations: [second!, first!, third!] });
    refuses({ ...seal, confirmations: [first!, third!, third!] });
  });

  it("is not made by a block without its work, or with an easier target than its parent asks", () => {
    const confirmed = next.block.header;
    const lazy = signed(mine(confirmed, false));
    const [, ...rest] = seal.confirmations!;
    refuses({ ...seal, confirmations: [lazy, ...rest] }, "WORK_INSUFFICIENT");
    const easy = signed(mine(withWork(confirmed, { difficulty: 16 })));
    refuses({ ...seal, confirmations: [easy, ...rest] }, "WORK_TARGET");
    const promise = signed(mine(withWork(confirmed, { nextDifficulty: 16 })));
    refuses({ ...seal, confirmations: [promise, ...rest] }, "WORK_TARGET");
  });

  it("is refused where votes make blocks final", () => {
    const poa = network().chain;
    const voted = { ...block, header: { ...block.header, validatorsHash: poa.validatorsHash } };
    const sets = [{ validators: poa.validators, hash: poa.validatorsHash }];
    assert.throws(() => finalityRule(poa).verify(sets, voted, seal), { code: "SEAL_INVALID" });
  });
});

describe("a block that arrives", () => {
  /** A node that stands at the block's parent, and what it says to the block. */
  function judge(header: Header, index = header.proposer): Action[] {
    const said: Action[] = [];
    const node = new PowNode({ ...world, send() {}, observe: (_, what) => keep(what) }, 3);
    node.finals.push(...finals.slice(0, 4));
    const keep = (what: EngineEvent | Action): void => void said.push(what as Action);
    node.start();
    for (const { encoded } of sealed!.transactions) node.offer(encoded);
    said.length = 0;
    const { encodedHeader, signature } = signed(header, index);
    const { txHashes } = sealed!.block;
    const bytes = encodeMinedBlock({ encodedHeader, signature, txHashes });
    const publisher = publisherOf(0);
    for (const action of node.engine.handle({ type: "message", publisher, bytes })) keep(action);
    return said;
  }

  const { header } = sealed.block;
  const refused = (wrong: Header, code: FaultCode, index = wrong.proposer) => {
    const actions = judge(wrong, index);
    const codes = actions.flatMap((action) => (action.type === "reject" ? [action.code] : []));
    assert.deepEqual(codes, [code]);
    assert.ok(!actions.some(({ type }) => type === "record"), "it is not kept");
  };

  it("right in everything is recorded and mined on", () => {
    const actions = judge(header);
    assert.ok(actions.some(({ type }) => type === "record"));
    assert.ok(!actions.some(({ type }) => type === "reject"));
  });

  it("without the work is refused", () => refused(mine(header, false), "WORK_INSUFFICIENT"));

  it("with another target than follows from its parent is refused", () => {
    refused(mine(withWork(header, { difficulty: 17 })), "WORK_TARGET");
    refused(mine(withWork(header, { nextDifficulty: 17 })), "WORK_TARGET");
    refused(withWork(header, { difficulty: 15 }), "WORK_INVALID");
  });

  it("without any work in it is refused", () => {
    refused({ ...header, engineData: new Uint8Array() }, "WORK_INVALID");
  });

  it("not after the median of the eleven before it is refused, and after it is not", () => {
    const before = finals.slice(0, 4).map(({ block }) => block.header.timeMs);
    const median = [chain.genesis.createdMs, ...before].sort((a, b) => a - b)[2]!;
    refused(mine({ ...header, timeMs: median }), "WORK_TIME");
    const parent = finals[3]!.block.header;
    assert.ok(median + 1 < parent.timeMs, "earlier than its parent");
    const early = { ...header, timeMs: median + 1 };
    const told = { timeMs: parent.timeMs, work: readWork(parent) };
    const parameters = decodeWorkParameters(chain.genesis.engineParameters);
    const work = { ...expectedWork(parameters, told, early), nonce: new Uint8Array(8) };
    const actions = judge(mine({ ...early, engineData: encodeWork(work) }));
    assert.ok(!actions.some(({ type }) => type === "reject"));
  });

  it("from the future is refused", () => {
    const late = { ...header, timeMs: chain.genesis.createdMs + world.heap.nowMs + 60_000 };
    const parent = finals[3]!.block.header;
    const told = { timeMs: parent.timeMs, work: readWork(parent) };
    const parameters = decodeWorkParameters(chain.genesis.engineParameters);
    const work = { ...expectedWork(parameters, told, late), nonce: new Uint8Array(8) };
    refused(mine({ ...late, engineData: encodeWork(work) }), "WORK_TIME");
  });

  it("with another state root, transaction root, validator set or round is refused", () => {
    const other = new Uint8Array(32).fill(9);
    refused(mine({ ...header, stateRoot: other }), "BLOCK_INVALID");
    refused(mine({ ...header, txRoot: other }), "BLOCK_INVALID");
    refused(mine({ ...header, nextValidatorsHash: other }), "BLOCK_INVALID");
    refused(mine({ ...header, round: 1 }), "BLOCK_INVALID");
  });

  it("on another parent at the first height that is not final is a branch below it", () => {
    refused(mine({ ...header, parentHash: new Uint8Array(32).fill(9) }), "REORG_TOO_DEEP");
  });

  it("that somebody else signed is refused", () => {
    refused(header, "SEAL_INVALID", header.proposer === 0 ? 1 : 0);
  });
});

describe("pow parameters", () => {
  it("stand in the genesis and come back", () => {
    const engineParameters = encodeWorkParameters(workParameters);
    const { genesis } = network().chain;
    for (const governance of [{}, { governance: "majority" as const }]) {
      const encoded = encodeGenesis({ ...genesis, ...governance, engineParameters });
      const decoded = decodeGenesis(encoded).genesis;
      assert.deepEqual(decodeWorkParameters(decoded.engineParameters), workParameters);
      assert.equal(decoded.governance, "governance" in governance ? "majority" : undefined);
      assert.deepEqual(encodeGenesis(decoded), encoded);
    }
  });

  it("that no chain can run on are refused", () => {
    for (const work of [{ finalityDepth: 0 }, { window: 15 }, { minDifficulty: 0 }]) {
      const bad = powChain({ work });
      assert.throws(() => finalityRule(bad), { code: "GENESIS_INVALID" });
    }
  });

  it("one block moves the difficulty by no more than six intervals do", () => {
    const work = { difficulty: 900, nextDifficulty: 1_000, quiet: 0, nonce: new Uint8Array(8) };
    const difficultyAfter = (spanMs: number) =>
      expectedWork(workParameters, { timeMs: 1e9, work }, { timeMs: 1e9 + spanMs, txCount: 1 });
    assert.equal(difficultyAfter(1_000).nextDifficulty, 1_000);
    assert.equal(difficultyAfter(86_400_000).nextDifficulty, difficultyAfter(6_000).nextDifficulty);
    assert.equal(
      difficultyAfter(-86_400_000).nextDifficulty,
      difficultyAfter(-6_000).nextDifficulty,
    );
    assert.ok(difficultyAfter(6_000).nextDifficulty > 700);
    assert.ok(difficultyAfter(-6_000).nextDifficulty < 1_800);
    const rested = { ...work, quiet: workParameters.finalityDepth };
    const idle = expectedWork(
      workParameters,
      { timeMs: 0, work: rested },
      { timeMs: 1e12, txCount: 1 },
    );
    assert.equal(idle.nextDifficulty, 1_000, "rest is not slowness");
  });
});
