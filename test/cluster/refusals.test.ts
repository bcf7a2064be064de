import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type FaultCode, faultTable } from "@gridledger/protocol/faults";
import { encodeHeader, plainHeader } from "@gridledger/protocol/ledger/header";
import { type Statement, statementPreimage, voteType } from "@gridledger/protocol/ledger/vote";
import { encodeCertificate } from "@gridledger/protocol/messages/certificate";
import { encodePrepare } from "@gridledger/protocol/messages/prepare";
import { encodeJustification, encodeProposal } from "@gridledger/protocol/messages/proposal";
import { encodeRoundChange } from "@gridledger/protocol/messages/round-change";
import { PoaEngine } from "../../edge-node/src/consensus/poa/poa.ts";
import type { Action } from "../../edge-node/src/consensus/ports.ts";
import { EngineHost } from "../../edge-node/src/engine/engine-host.ts";
import { fakeSigner, fakeSuite } from "./fake-suite.ts";
import { SimChain } from "./sim-chain.ts";
import { chainId } from "./sim-node.ts";
import { World } from "./world.ts";

const { validators, publishers, validatorsHash } = new World({ seed: 0, validators: 4 });
const blockHash = new Uint8Array(32).fill(9);
const HUGE = 0xffff_ffff;

/** Validator 0 at height 5, where validator 1 proposes first; what it does with one message. */
function node() {
  const chain = new SimChain(validatorsHash, () => 1_000, validators);
  const engine = new PoaEngine({
    ...{ suite: fakeSuite, chainId, signer: fakeSigner(0), blocks: chain },
  });
  engine.handle({ type: "restored", wal: "intact", records: [] });
  engine.handle({
    ...{ type: "newHeight", height: 5, parentHash: chain.headHash, validators, validatorsHash },
    ...{ waitMs: 0, baseTimeoutMs: 2_000 },
  });
  engine.handle({ type: "connected" });
  const hear = (from: number, bytes: Uint8Array) =>
    engine.handle({ type: "message", publisher: publishers[from]!, bytes });
  return { engine, hear };
}

const sign = (from: number, statement: Statement, place: Partial<Place> = {}) =>
  fakeSigner(from).sign(
    statementPreimage({ chainId, validatorsHash, height: 5, ...place }, statement),
  );
type Place = { chainId: Uint8Array; validatorsHash: Uint8Array; height: number };

const codes = (actions: readonly Action[]): FaultCode[] =>
  actions.flatMap((action) => (action.type === "reject" ? [action.code] : []));

function prepare(from: number, place: Partial<Place> = {}, round = 0): Uint8Array {
  const signature = sign(from, { type: voteType.prepare, round, blockHash }, place);
  return encodePrepare({ height: place.height ?? 5, round, from, blockHash, signature });
}

function roundChange(from: number, round: number, place: Partial<Place> = {}): Uint8Array {
  const signature = sign(from, { type: voteType.roundChange, round, prepared: null }, place);
  const height = place.height ?? 5;
  return encodeRoundChange({ height, round, from, prepared: null, block: null, signature });
}

function proposal(from: number, change: { round?: number; place?: Partial<Place> } = {}) {
  const { round = 0, place = {} } = change;
  const encodedHeader = encodeHeader({
    ...{ height: 5, timeMs: 1, parentHash: blockHash, txRoot: blockHash, stateRoot: blockHash },
    ...{ validatorsHash, nextValidatorsHash: validatorsHash, proposer: from, round, txCount: 0 },
    ...plainHeader,
  });
  const encodedJustification = encodeJustification(null);
  const statement = {
    ...{ type: voteType.proposal, round, blockHash: fakeSuite.hash(encodedHeader) },
    justificationHash: fakeSuite.hash(encodedJustification),
  } as const;
  const signature = sign(from, statement, place);
  const named = { encodedHeader, txHashes: [], encodedJustification, signature };
  return encodeProposal({ height: 5, round, from, ...named });
}

type HostDeps = ConstructorParameters<typeof EngineHost>[0];

describe("what a validator refuses, with its code", () => {
  const otherChain = { chainId: new Uint8Array(32).fill(8) };
  const otherSet = { validatorsHash: new Uint8Array(32).fill(8) };
  const cases: readonly [name: string, from: number, bytes: Uint8Array, code: FaultCode][] = [
    ["bytes that are no message", 1, Uint8Array.of(0xff), "CBOR_SHAPE"],
    ["a message cut short", 1, prepare(1).subarray(0, 40), "CBOR_MALFORMED"],
    [
      "a message with something behind it",
      1,
      Buffer.concat([prepare(1), Uint8Array.of(0)]),
      "CBOR_MALFORMED",
    ],
    ["an oversized message", 1, Buffer.concat([prepare(1), new Uint8Array(600_000)]), "CBOR_LIMIT"],
    ["a vote under another's name", 2, prepare(1), "VOTE_SENDER"],
    ["a proposal out of turn", 2, proposal(2), "PROPOSAL_INVALID"],
    ["a later round without justification", 2, proposal(2, { round: 1 }), "PROPOSAL_INVALID"],
    ["a proposal on another parent", 1, proposal(1), "PROPOSAL_INVALID"],
    ["a proposal for another channel", 1, proposal(1, { place: otherChain }), "VOTE_INVALID"],
    ["a proposal under another set", 1, proposal(1, { place: otherSet }), "VOTE_INVALID"],
    [
      "a round change for another channel",
      1,
      roundChange(1, 1, otherChain),
      "ROUND_CHANGE_INVALID",
    ],
    ["a round change under another set", 1, roundChange(1, 1, otherSet), "ROUND_CHANGE_INVALID"],
    ["a round change of the past", 1, replayed(), "ROUND_CHANGE_INVALID"],
  ];
  for (const [name, from, bytes, code] of cases) {
    it(`${name}: ${code}`, () => assert.deepEqual(codes(node().hear(from, bytes)), [code]));
  }

  it("each is counted by its code on the node, and says what it is in both languages", () => {
    const codesOf = new Set([...cases.map(([, , , code]) => code), "CERTIFICATE_LIMIT" as const]);
    const engine = {
      handle: () =>
        [...codesOf].map((code) => ({ type: "reject", code, publisher: "", detail: "" }) as const),
    };
    const log = { debug: () => undefined, error: () => undefined };
    const deps = { engine, log, hash: fakeSuite.hash } as unknown as HostDeps;
    const host = new EngineHost(deps);
    host.post({ type: "work" });
    host.post({ type: "work" });
    for (const code of codesOf) {
      assert.equal(host.rejections.get(code), 2, code);
      const { en, zh } = faultTable[code]!;
      assert.ok(en.length > 20 && /[\u4e00-\u9fff]/.test(zh), code);
    }
  });

  it("more certificates at one height than a relay can need: CERTIFICATE_LIMIT", () => {
    const { hear } = node();
    const seal = { round: 0, signatures: [{ signer: 2, signature: new Uint8Array(64) }] };
    const bytes = encodeCertificate({ type: voteType.prepare, height: 5, blockHash, seal });
    const refused = Array.from({ length: 20 }, () => codes(hear(1, bytes)));
    assert.deepEqual(
      refused.flat(),
      Array.from({ length: 4 }, () => "CERTIFICATE_LIMIT"),
    );
  });

  it("messages of other heights move nothing and say where their sender is", () => {
    for (const height of [1, 4, 9, 2 ** 40]) {
      const actions = node().hear(1, prepare(1, { height }));
      assert.deepEqual(actions, [{ type: "peerHeight", publisher: publishers[1], height }]);
    }
  });

  it("one huge round moves nobody, and holds no more than one message", () => {
    const { engine, hear } = node();
    for (const round of [5, HUGE - 1, HUGE])
      assert.deepEqual(codes(hear(1, roundChange(1, round))), []);
    hear(1, prepare(1, {}, HUGE));
    assert.equal(engine.view.round, 0);
    assert.equal(engine.view.heldMessages, 1);
  });

  it("a message said again changes nothing", () => {
    const { engine, hear } = node();
    hear(1, prepare(1));
    for (let i = 0; i < 50; i++) assert.deepEqual(hear(1, prepare(1)), []);
    assert.equal(engine.view.heldMessages, 1);
  });

  /** Signed for height 4, claimed for 5. */
  function replayed(): Uint8Array {
    const signature = sign(
      1,
      { type: voteType.roundChange, round: 1, prepared: null },
      { height: 4 },
    );
    return encodeRoundChange({
      height: 5,
      round: 1,
      from: 1,
      prepared: null,
      block: null,
      signature,
    });
  }
});
