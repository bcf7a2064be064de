import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { identityId } from "@gridledger/protocol/crypto/identity-id";
import { suiteByName } from "@gridledger/protocol/crypto/suites";
import { formatHex } from "@gridledger/protocol/hex";
import { verifySeal } from "@gridledger/protocol/ledger/seal";
import { validatorsHash as validatorsHashOf } from "@gridledger/protocol/ledger/validators";
import { type Statement, statementPreimage, voteType } from "@gridledger/protocol/ledger/vote";
import { encodeCertificate } from "@gridledger/protocol/messages/certificate";
import { encodeCommit } from "@gridledger/protocol/messages/commit";
import { encodePrepare } from "@gridledger/protocol/messages/prepare";
import { decodeRoundChange, encodeRoundChange } from "@gridledger/protocol/messages/round-change";
import { EngineRegistry } from "../../edge-node/src/consensus/engine.ts";
import { PoaEngine, poa } from "../../edge-node/src/consensus/poa/poa.ts";
import { SigningGuard } from "../../edge-node/src/consensus/poa/signing-guard.ts";
import type {
  Action,
  BlockPort,
  EngineEvent,
  WalRecord,
} from "../../edge-node/src/consensus/ports.ts";
import { fakeSigner, fakeSuite } from "./fake-suite.ts";
import { SimChain } from "./sim-chain.ts";
import { chainId } from "./sim-node.ts";
import { World } from "./world.ts";

const { validators, publishers, validatorsHash } = new World({ seed: 0, validators: 4 });

/** One engine at height 1, where validator 1 proposes in round 0. */
function engineOf(index: number) {
  const chain = new SimChain(validatorsHash, () => 1_000);
  chain.proposer = index;
  const engine = new PoaEngine({
    suite: fakeSuite,
    chainId,
    signer: fakeSigner(index),
    blocks: chain,
  });
  const handle = (event: EngineEvent) => engine.handle(event);
  return {
    chain,
    engine,
    handle,
    hear: (from: number, bytes: Uint8Array) =>
      engine.handle({ type: "message", publisher: publishers[from]!, bytes }),
  };
}

function start(
  index: number,
  records: readonly WalRecord[] = [],
  wal: "intact" | "damaged" | "missing" = "intact",
) {
  const node = engineOf(index);
  const actions = [
    ...node.handle({ type: "restored", wal, records }),
    ...node.handle(newHeight(node.chain)),
    ...node.handle({ type: "connected" }),
  ];
  return { ...node, actions };
}

function newHeight(chain: SimChain, height = 1): EngineEvent {
  const parentHash = chain.headHash;
  return {
    type: "newHeight",
    height,
    parentHash,
    validators,
    validatorsHash,
    waitMs: 0,
    baseTimeoutMs: 2_000,
  };
}

const only = <T extends Action["type"]>(actions: readonly Action[], type: T) =>
  actions.filter((action): action is Extract<Action, { type: T }> => action.type === type);

function sign(index: number, statement: Statement, height = 1): Uint8Array {
  return fakeSigner(index).sign(statementPreimage({ chainId, validatorsHash, height }, statement));
}

function vote(
  from: number,
  type: 2 | 3,
  round: number,
  blockHash: Uint8Array,
  height = 1,
): Uint8Array {
  const signature = sign(from, { type, round, blockHash }, height);
  const encode = type === voteType.prepare ? encodePrepare : encodeCommit;
  return encode({ height, round, from, blockHash, signature });
}

/** What validator 1 proposes, and validator 0 that has accepted it. */
function accepted() {
  const body = Uint8Array.of(1, 2, 3);
  const proposer = start(1);
  proposer.chain.offer(body);
  const proposal = only(proposer.handle({ type: "work" }), "broadcast")[0]!.bytes;
  const { blockHash } = proposer.chain.build(0)!;
  const node = start(0);
  node.chain.offer(body);
  const actions = node.hear(1, proposal);
  return { ...node, proposal, blockHash, actions, body };
}

describe("a vote", () => {
  it("leaves behind its record and the block", () => {
    const { actions } = accepted();
    const order = actions.map(({ type }) => type).filter((type) => /record|broadcast/.test(type));
    assert.deepEqual(order, ["record", "broadcast"]);
    assert.deepEqual(
      only(actions, "record")[0]!.records.map(({ kind }) => kind),
      ["block", "signed"],
    );
  });

  it("counts once, however often it comes", () => {
    const { hear, blockHash } = accepted();
    for (let i = 0; i < 5; i++)
      assert.deepEqual(only(hear(1, vote(1, 2, 0, blockHash)), "broadcast"), []);
    assert.equal(only(hear(2, vote(2, 2, 0, blockHash)), "broadcast").length, 1);
  });

  it("with a forged signature is dropped when the set is full, and the real one counts", () => {
    const { hear, blockHash } = accepted();
    const forged = encodePrepare({
      height: 1,
      round: 0,
      from: 2,
      blockHash,
      signature: new Uint8Array(64),
    });
    hear(1, vote(1, 2, 0, blockHash));
    assert.deepEqual(only(hear(2, forged), "broadcast"), []);
    assert.equal(only(hear(2, vote(2, 2, 0, blockHash)), "broadcast").length, 1);
  });

  it("of a relay's forgery does not keep the real one out", () => {
    const { hear, blockHash } = accepted();
    const other = new Uint8Array(32).fill(9);
    const signatures = [1, 2, 3].map((signer) => ({ signer, signature: new Uint8Array(64) }));
    const certificate = {
      type: voteType.prepare,
      height: 1,
      blockHash: other,
      seal: { round: 0, signatures },
    };
    hear(3, encodeCertificate(certificate));
    hear(1, vote(1, 2, 0, blockHash));
    assert.equal(only(hear(2, vote(2, 2, 0, blockHash)), "broadcast").length, 1);
  });

  it("counts as well out of a certificate of a relay", () => {
    const { hear, blockHash } = accepted();
    const votes = [1, 2].map((signer) => ({
      signer,
      signature: sign(signer, { type: voteType.prepare, round: 0, blockHash }),
    }));
    const prepares = {
      type: voteType.prepare,
      height: 1,
      blockHash,
      seal: { round: 0, signatures: votes },
    };
    assert.equal(only(hear(3, encodeCertificate(prepares)), "broadcast").length, 1);
    const commits = [1, 2].map((signer) => ({
      signer,
      signature: sign(signer, { type: voteType.commit, round: 0, blockHash }),
    }));
    const decided = hear(
      3,
      encodeCertificate({
        ...prepares,
        type: voteType.commit,
        seal: { round: 0, signatures: commits },
      }),
    );
    assert.equal(only(decided, "decide").length, 1);
  });

  it("is refused from a topic that is not its signer's", () => {
    const { hear, blockHash } = accepted();
    const actions = hear(3, vote(2, 2, 0, blockHash));
    assert.deepEqual(
      only(actions, "reject").map(({ code }) => code),
      ["VOTE_SENDER"],
    );
  });

  it("decides in a round that is over, with the record before the decision", () => {
    const { handle, hear, blockHash, actions } = accepted();
    const { id } = only(actions, "startTimer")[0]!;
    handle({ type: "timer", id });
    hear(1, vote(1, 3, 0, blockHash));
    hear(2, vote(2, 3, 0, blockHash));
    const last = hear(3, vote(3, 3, 0, blockHash));
    const order = last.map(({ type }) => type).filter((type) => /record|decide/.test(type));
    assert.deepEqual(order, ["record", "decide"]);
    assert.deepEqual(
      only(last, "decide")[0]!.seal.signatures.map(({ signer }) => signer),
      [1, 2, 3],
    );
  });

  it("twice for different blocks is proof against its signer", () => {
    const { hear, blockHash } = accepted();
    hear(2, vote(2, 2, 0, blockHash));
    const evidence = only(hear(2, vote(2, 2, 0, new Uint8Array(32))), "evidence");
    assert.deepEqual(
      evidence.map(({ validator }) => validator),
      [2],
    );
    assert.deepEqual(only(hear(2, vote(2, 2, 0, new Uint8Array(32))), "evidence"), []);
  });

  it("to commit, forgotten in a later round change, is proof in either order", () => {
    const blockHash = new Uint8Array(32).fill(4);
    const commit = vote(2, 3, 0, blockHash);
    const signature = sign(2, { type: voteType.roundChange, round: 1, prepared: null });
    const change = encodeRoundChange({
      height: 1,
      round: 1,
      from: 2,
      prepared: null,
      block: null,
      signature,
    });
    for (const order of [
      [commit, change],
      [change, commit],
    ]) {
      const { hear } = start(0);
      const evidence = order.flatMap((bytes) => only(hear(2, bytes), "evidence"));
      assert.equal(evidence.length, 1);
    }
  });
});

describe("memory", () => {
  it("does not grow with what one validator sends", () => {
    const { hear, engine } = start(0);
    for (let round = 0; round < 300; round++) {
      for (const type of [2, 3] as const)
        hear(3, vote(3, type, round, new Uint8Array(32).fill(round)));
      hear(3, vote(3, 3, round, new Uint8Array(32), 2));
      const signature = sign(3, { type: voteType.roundChange, round, prepared: null });
      hear(
        3,
        encodeRoundChange({ height: 1, round, from: 3, prepared: null, block: null, signature }),
      );
    }
    assert.ok(engine.view.heldMessages <= 8, String(engine.view.heldMessages));
  });
});

describe("the signing guard", () => {
  const place = (round: number, step: 0 | 1 | 2 | 3, height = 5) => ({ height, round, step });
  const [a, b] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)];
  const signature = new Uint8Array(64).fill(3);

  it("lets nothing be signed at or below what was signed, except the same again", () => {
    const guard = new SigningGuard();
    assert.equal(guard.ask(place(1, 2), a), "sign");
    guard.remember({ ...place(1, 2), digest: a, signature });
    assert.equal(guard.ask(place(1, 2), a), signature);
    for (const lower of [place(1, 2), place(1, 1), place(0, 3), place(9, 3, 4)]) {
      assert.equal(guard.ask(lower, b), "refuse");
    }
    for (const higher of [place(1, 3), place(2, 0), place(0, 0, 6)]) {
      assert.equal(guard.ask(higher, b), "sign");
    }
  });

  it("does not move back when records are replayed in another order", () => {
    const guard = new SigningGuard();
    guard.remember({ ...place(3, 3), digest: a, signature });
    guard.remember({ ...place(1, 0), digest: b, signature });
    assert.equal(guard.ask(place(2, 0), b), "refuse");
  });
});

describe("a log that cannot be trusted", () => {
  const signs = (actions: readonly Action[]) => only(actions, "broadcast").length > 0;

  function atHeight(height: number, wal: "damaged" | "missing") {
    const node = engineOf(1);
    const first = node.handle({ type: "restored", wal, records: [] });
    const actions = [
      ...first,
      ...node.handle(newHeight(node.chain, height)),
      ...node.handle({ type: "connected" }),
    ];
    return { ...node, actions };
  }

  it("keeps the validator from signing, and says so", () => {
    for (const wal of ["damaged", "missing"] as const) {
      const { handle, actions, chain, engine } = atHeight(5, wal);
      assert.ok(only(actions, "alarm").some(({ code }) => code === "SIGNING_SUSPENDED"));
      assert.ok(
        only(actions, "record").some(({ records }) =>
          records.some(({ kind }) => kind === "amnesia"),
        ),
      );
      chain.offer(Uint8Array.of(1));
      assert.ok(!signs(handle({ type: "work" })));
      assert.equal(engine.view.suspended, "SIGNING_SUSPENDED");
    }
  });

  it("is over above everything heard, with what can be between", () => {
    const { handle, chain, engine } = atHeight(5, "damaged");
    handle({ type: "peerStatus", publisher: publishers[0]!, height: 9 });
    handle(newHeight(chain, 20));
    assert.equal(engine.view.suspended, "SIGNING_SUSPENDED", "one peer is not enough");
    handle({ type: "peerStatus", publisher: publishers[2]!, height: 21 });
    handle(newHeight(chain, 21));
    handle(newHeight(chain, 23));
    assert.equal(engine.view.suspended, "SIGNING_SUSPENDED");
    const resumed = handle(newHeight(chain, 24));
    assert.equal(engine.view.suspended, undefined);
    assert.deepEqual(only(resumed, "startTimer"), [], "nobody wants a block at the new height");
  });

  it("is over when the operator says so", () => {
    const { handle, engine } = atHeight(5, "missing");
    handle({ type: "released", reason: "two of three disks were replaced" });
    assert.equal(engine.view.suspended, undefined);
  });

  it("ends with the round change of the round into which it followed in silence", () => {
    const { handle, hear } = atHeight(5, "damaged");
    for (const from of [0, 2]) {
      const signature = sign(from, { type: voteType.roundChange, round: 4, prepared: null }, 5);
      const change = { height: 5, round: 4, from, prepared: null, block: null, signature };
      assert.ok(!signs(hear(from, encodeRoundChange(change))));
    }
    const said = only(handle({ type: "released", reason: "test" }), "broadcast");
    assert.deepEqual(
      said.map(({ bytes }) => decodeRoundChange(bytes).round),
      [4],
    );
  });

  it("does not keep a new validator from the first block of a new chain", () => {
    const { handle, chain } = atHeight(1, "missing");
    chain.offer(Uint8Array.of(1));
    assert.ok(signs(handle({ type: "work" })));
  });

  it("keeps a newcomer quiet at heights that f+1 others have passed, and at no other", () => {
    const { handle, chain, engine } = atHeight(1, "missing");
    chain.offer(Uint8Array.of(1));
    const head = (of: number, height: number) =>
      handle({ type: "peerStatus", publisher: publishers[of]!, height });
    head(0, 1_000_000);
    assert.equal(engine.view.suspended, undefined, "one alone may lie");
    head(2, 1);
    assert.ok(!signs(handle({ type: "work" })), "a wiped disk may have signed here");
    assert.equal(engine.view.suspended, "SIGNING_SUSPENDED");
    handle(newHeight(chain, 2));
    assert.equal(engine.view.suspended, undefined);
  });

  it("shows a wiped validator by the chain that goes on without it", () => {
    const { handle, chain, engine } = atHeight(1, "missing");
    handle(newHeight(chain, 2));
    assert.equal(engine.view.suspended, undefined);
    handle(newHeight(chain, 3));
    assert.equal(engine.view.suspended, "SIGNING_SUSPENDED");
  });

  it("keeps a newcomer that is started again before its first commit, whatever it had missed", () => {
    const records: WalRecord[] = [{ kind: "amnesia", state: "new" }];
    assert.equal(
      start(1, records).engine.view.suspended,
      undefined,
      "nobody has signed anything yet",
    );
    const { engine, handle, chain } = engineOf(1);
    handle({ type: "restored", wal: "intact", records });
    handle(newHeight(chain, 3));
    assert.equal(engine.view.suspended, "SIGNING_SUSPENDED");
  });

  it("stays so over a restart", () => {
    const records: WalRecord[] = [{ kind: "amnesia", state: "active" }];
    assert.equal(start(1, records).engine.view.suspended, "SIGNING_SUSPENDED");
  });
});

describe("a key that runs twice", () => {
  it("stops signing when a STATUS says so, and no operator command brings it back", () => {
    const { handle, engine } = start(1);
    const alarms = only(handle({ type: "ownKeyElsewhere" }), "alarm");
    assert.deepEqual(
      alarms.map(({ code }) => code),
      ["KEY_IN_USE_ELSEWHERE"],
    );
    handle({ type: "released", reason: "hope" });
    assert.equal(engine.view.suspended, "KEY_IN_USE_ELSEWHERE");
  });

  it("stops when it hears itself say what it did not", () => {
    const { hear, engine } = start(1);
    hear(
      1,
      encodePrepare({
        height: 1,
        round: 3,
        from: 1,
        blockHash: new Uint8Array(32),
        signature: new Uint8Array(64),
      }),
    );
    assert.equal(engine.view.suspended, undefined, "anybody can write a wrong signature");
    hear(1, vote(1, 2, 3, new Uint8Array(32)));
    assert.equal(engine.view.suspended, "KEY_IN_USE_ELSEWHERE");
  });

  it("does not mind the echo of its own messages", () => {
    const { handle, hear, chain, engine } = start(1);
    chain.offer(Uint8Array.of(1));
    for (const { bytes } of only(handle({ type: "work" }), "broadcast")) hear(1, bytes);
    assert.equal(engine.view.suspended, undefined);
  });
});

describe("a vote read back from the log", () => {
  const blockHash = new Uint8Array(32).fill(8);
  const message = vote(0, 2, 2, blockHash);
  const digest = new Uint8Array(32);
  const signature = new Uint8Array(64);
  const step = 2;
  const record: WalRecord = {
    kind: "signed",
    height: 1,
    round: 2,
    step,
    digest,
    signature,
    message,
  };

  it("is sent again, and its round counts as reached: the timer moves on", () => {
    const { actions, handle } = start(0, [record]);
    assert.deepEqual(
      only(actions, "broadcast").map(({ bytes }) => [...bytes]),
      [[...message]],
    );
    const { id } = only(actions, "startTimer").at(-2)!;
    const said = only(handle({ type: "timer", id }), "broadcast");
    assert.deepEqual(
      said.map(({ bytes }) => decodeRoundChange(bytes).round),
      [3],
    );
  });

  it("keeps the node from voting for anything else in that round", () => {
    const { hear, handle, chain } = start(0, [record]);
    chain.offer(Uint8Array.of(1));
    const other = new Uint8Array(32).fill(9);
    for (const from of [1, 2, 3]) {
      assert.deepEqual(only(hear(from, vote(from, 2, 2, other)), "broadcast"), []);
    }
    assert.deepEqual(only(handle({ type: "work" }), "broadcast"), []);
  });
});

describe("a timer", () => {
  it("that was stopped means nothing when it fires all the same (besu#1734)", () => {
    const { handle, hear, blockHash, actions } = accepted();
    const ids = only(actions, "startTimer").map(({ id }) => id);
    hear(1, vote(1, 2, 0, blockHash));
    hear(2, vote(2, 2, 0, blockHash));
    hear(1, vote(1, 3, 0, blockHash));
    assert.equal(only(hear(2, vote(2, 3, 0, blockHash)), "decide").length, 1);
    for (const id of ids) assert.deepEqual(handle({ type: "timer", id }), []);
  });

  it("of a round grows to the cap and no further (besu#7642)", async () => {
    const { roundTimeoutMs } = await import("../../edge-node/src/consensus/poa/pacemaker.ts");
    const rounds = [0, 1, 4, 5, 6, 4_000_000_000].map((round) => roundTimeoutMs(2_000, round));
    assert.deepEqual(rounds, [2_000, 4_000, 32_000, 60_000, 60_000, 60_000]);
  });
});

describe("a node without a validator's key", () => {
  it("follows: decides from the votes of others, writes and says nothing", () => {
    const { proposal, blockHash, body } = accepted();
    const chain = new SimChain(validatorsHash, () => 1_000);
    chain.offer(body);
    const engine = new PoaEngine({ suite: fakeSuite, chainId, signer: undefined, blocks: chain });
    const actions = [
      ...engine.handle({ type: "restored", wal: "missing", records: [] }),
      ...engine.handle(newHeight(chain)),
      ...engine.handle({ type: "connected" }),
      ...engine.handle({ type: "message", publisher: publishers[1]!, bytes: proposal }),
      ...[1, 2, 3].flatMap((from) =>
        engine.handle({
          type: "message",
          publisher: publishers[from]!,
          bytes: vote(from, 3, 0, blockHash),
        }),
      ),
    ];
    assert.deepEqual(
      actions.map(({ type }) => type),
      ["decide"],
    );
  });
});

describe("missing bodies", () => {
  it("are asked for once, from the next validator with each retransmission, and then voted for", () => {
    const { proposal, body } = accepted();
    const { hear, handle, chain } = start(0);
    const first = hear(1, proposal);
    assert.deepEqual(
      only(first, "fetch").map(({ publisher }) => publisher),
      [publishers[1]],
    );
    assert.deepEqual(only(hear(1, proposal), "fetch"), []);
    const [, retransmit] = only(first, "startTimer");
    const later = handle({ type: "timer", id: retransmit!.id });
    assert.deepEqual(
      only(later, "fetch").map(({ publisher }) => publisher),
      [publishers[2]],
    );
    chain.bodies.set(Buffer.from(fakeSuite.hash(body)).toString("hex"), body);
    assert.equal(only(handle({ type: "bodiesArrived" }), "broadcast").length, 1);
  });
});

describe("the registry of engines", () => {
  it("finds an engine by name and refuses unknown and double ones", () => {
    const registry = new EngineRegistry([poa]);
    assert.equal(registry.get("poa"), poa);
    assert.throws(() => registry.get("pow"), { code: "CONFIG_INVALID" });
    assert.throws(() => new EngineRegistry([poa, poa]), { code: "CONFIG_INVALID" });
  });
});

describe("with the signatures of a real suite", () => {
  it("four engines agree, and the seal proves it to anybody", () => {
    const suite = suiteByName("international");
    const signers = [0, 1, 2, 3].map(() => suite.signer(suite.generateKey()));
    const set = signers.map(({ publicKey }, i) => ({ publicKey, name: `v${i}` }));
    const setHash = validatorsHashOf(suite.hash, set);
    const ids = set.map(({ publicKey }) => formatHex(identityId(suite.hash, publicKey)));
    const chains = set.map((_, i) => {
      const chain = new SimChain(setHash, () => 1_000);
      chain.proposer = i;
      chain.offer(Uint8Array.of(7));
      return chain;
    });
    // The simulated chain hashes headers with the fake suite, the engine with the real one.
    const port = (chain: SimChain): BlockPort => ({
      build: (round) => {
        const block = chain.build(round);
        return block && { ...block, blockHash: suite.hash(block.encodedHeader) };
      },
      check: (block, fresh) => chain.check(block, fresh),
    });
    const engines = signers.map(
      (signer, i) => new PoaEngine({ suite, chainId, signer, blocks: port(chains[i]!) }),
    );
    const decided: Extract<Action, { type: "decide" }>[] = [];
    const queue: { from: number; bytes: Uint8Array }[] = [];
    const post = (i: number, event: EngineEvent) => {
      const actions = engines[i]!.handle(event);
      for (const { bytes } of only(actions, "broadcast")) queue.push({ from: i, bytes });
      decided.push(...only(actions, "decide"));
    };
    for (const [i, chain] of chains.entries()) {
      post(i, { type: "restored", wal: "intact", records: [] });
      const at = newHeight(chain);
      assert.ok(at.type === "newHeight");
      post(i, { ...at, validators: set, validatorsHash: setHash });
      post(i, { type: "connected" });
      post(i, { type: "work" });
    }
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const { from, bytes } = next;
      for (const i of engines.keys()) {
        if (i !== from) post(i, { type: "message", publisher: ids[from]!, bytes });
      }
    }
    assert.equal(decided.length, 4);
    const place = { chainId, validatorsHash: setHash, height: 1 };
    for (const { block, seal } of decided) verifySeal(suite, set, place, block.blockHash, seal);
    assert.equal(new Set(decided.map(({ block }) => formatHex(block.blockHash))).size, 1);
  });
});
