import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { addressOf } from "@gridledger/protocol/contracts/address";
import { encodeContractCall } from "@gridledger/protocol/contracts/call";
import { encodeDeployment } from "@gridledger/protocol/contracts/deployment";
import { formatHex } from "@gridledger/protocol/hex";
import { kind } from "@gridledger/protocol/ledger/kinds";
import { encodePlan, MAX_PLANNED, type Plan } from "@gridledger/protocol/messages/plan";
import fc from "fast-check";
import { getContractAddress } from "viem";
import { assembleChain } from "../../edge-node/src/chain/chain-parts.ts";
import { genesisHead } from "../../edge-node/src/chain/head.ts";
import { RunningAhead } from "../../edge-node/src/chain/running-ahead.ts";
import type { EngineEvent } from "../../edge-node/src/consensus/ports.ts";
import { Plans } from "../../edge-node/src/engine/plans.ts";
import { PreparedTransaction } from "../../edge-node/src/state/prepared-transaction.ts";
import { Meter, network, sealedBlock, sealOf, sign, suite, unloaded } from "./support.ts";

const net = network();
const { chain, validators, operator, devices } = net;
const CREATED_MS = chain.genesis.createdMs;
const GAS = 300_000;
/** Puts the block's time into slot 0 and counts in slot 1. */
const CONTRACT = Buffer.from("4260005560016001540160015500", "hex");
const INIT = Buffer.concat([Buffer.from("600e600c600039600e6000f3", "hex"), CONTRACT]);
const owner = `0x${formatHex(addressOf(suite.hash, operator.signer.publicKey))}` as const;
const to = Buffer.from(getContractAddress({ from: owner, nonce: 0n }).slice(2), "hex");

let nonce = 0;
const signed = (number: number, payload: Uint8Array, validUntilHeight = 100) => {
  const own = Buffer.alloc(4);
  own.writeUInt32BE(nonce++);
  return sign(chain, operator, payload, { kind: number, nonce: own, validUntilHeight });
};
const deployment = signed(kind.deployment, encodeDeployment({ gasLimit: GAS, initCode: INIT }));
const call = (validUntilHeight?: number) =>
  signed(
    kind.contractCall,
    encodeContractCall({ gasLimit: GAS, to, data: new Uint8Array() }),
    validUntilHeight,
  );
/** The block that makes the contract, on every node's chain. */
const first = sealedBlock(net, genesisHead(chain, unloaded(chain).tree), [deployment]);
const prepared = (encoded: Uint8Array) => new PreparedTransaction(chain, encoded);

function node(proposer: number) {
  const plans: Plan[] = [];
  let isHeard = true;
  const parts = assembleChain(
    {
      ...{ chain, store: { append: () => Promise.resolve() }, clock: () => 0 },
      now: () => CREATED_MS + 60_000,
      announce: (plan) => {
        if (isHeard) plans.push(plan);
        return isHeard;
      },
      onStoreFault: (fault) => assert.fail(fault),
      onDropped: () => {},
    },
    unloaded(chain),
    validators[proposer]?.signer.publicKey,
  );
  parts.ledger.import(first, "sync");
  const deferred: (() => void)[] = [];
  let nowMs = 0;
  const { ledger, bodies } = parts;
  /** As the node's own, but at the test's pace: a slice is one transaction. */
  const ahead = new RunningAhead({
    ...{ chain, ledger, bodies, clock: () => (nowMs += 6) },
    defer: (work) => deferred.push(work),
  });
  return {
    ...parts,
    plans,
    deferred,
    ahead,
    /** The node's own, which its proposals ask. */
    own: parts.ahead,
    add: (...all: readonly Uint8Array[]) => {
      for (const each of all) assert.equal(parts.pool.add(prepared(each)), undefined);
    },
    deafen: () => {
      isHeard = false;
    },
    runSlices(most = Number.POSITIVE_INFINITY) {
      for (let i = 0; i < most && deferred.length > 0; i++) deferred.shift()?.();
    },
  };
}

/** What a proposer of these transactions tells first, then its block. */
function proposed(...transactions: readonly Uint8Array[]) {
  const proposer = node(0);
  proposer.add(...transactions);
  assert.equal(proposer.proposals.build(0), undefined);
  const [plan] = proposer.plans;
  const block = proposer.proposals.build(0);
  assert.ok(plan && block);
  return { plan, block, proposer };
}

describe("a proposer", () => {
  it("tells what it is about to execute, and builds just that when it is asked again", () => {
    const proposer = node(0);
    const all = [call(), call(), call(), call()];
    proposer.add(...all);
    assert.equal(proposer.proposals.build(0), undefined);
    const late = call();
    proposer.add(late);
    const block = proposer.proposals.build(0);
    assert.ok(block);
    assert.deepEqual(proposer.plans, [
      {
        height: 2,
        parentHash: first.block.blockHash,
        timeMs: block.header.timeMs,
        txHashes: block.txHashes,
      },
    ]);
    assert.equal(block.txHashes.length, all.length);
  });

  it("says nothing of a block that costs less than the message, or that nobody would hear", () => {
    const quick = node(0);
    quick.add(new Meter(chain, devices[0]!, "m").next(), call());
    assert.equal(quick.proposals.build(0)?.txHashes.length, 2);
    const alone = node(0);
    alone.deafen();
    alone.add(call(), call(), call(), call());
    assert.equal(alone.proposals.build(0)?.txHashes.length, 4);
    assert.deepEqual([...quick.plans, ...alone.plans], []);
  });

  it("plans anew in another round, and on another head", () => {
    const { proposer } = proposed(call(), call(), call(), call());
    assert.equal(proposer.proposals.build(1), undefined);
    assert.equal(proposer.plans.length, 2);
    const block = proposer.proposals.build(1);
    assert.ok(block);
    const seal = sealOf(chain, validators, 2, block.blockHash);
    const transactions = proposer.transactionsOf(block.blockHash, block.txHashes);
    assert.ok(transactions);
    proposer.ledger.import({ block, seal, transactions }, "consensus");
    proposer.add(call(), call(), call(), call());
    assert.equal(proposer.proposals.build(1), undefined);
    assert.equal(proposer.plans.at(-1)?.height, 3);
  });

  it("names no more than fits into one message", () => {
    const proposer = node(0);
    const all = Array.from({ length: MAX_PLANNED + 1 }, () => call());
    proposer.add(...all);
    proposer.proposals.build(0);
    assert.equal(proposer.plans[0]?.txHashes.length, MAX_PLANNED);
    assert.ok(encodePlan(proposer.plans[0]!).length < 34_000);
  });
});

describe("running ahead", () => {
  const takeFrom = (
    { ahead, bodies }: ReturnType<typeof node>,
    { header, txHashes }: ReturnType<typeof proposed>["block"],
  ) => {
    const transactions = txHashes.map((hash) => bodies.get(Buffer.from(hash).toString("latin1")));
    assert.ok(transactions.every((each) => each !== undefined));
    return ahead.take(header, transactions);
  };

  it("has executed the block when its proposal comes", () => {
    const all = [call(), call(), call(), call()];
    const { plan, block } = proposed(...all);
    const other = node(1);
    other.add(...all);
    other.ahead.begin("a", plan);
    other.runSlices();
    assert.equal(takeFrom(other, block)?.applied, all.length);
    assert.equal(takeFrom(other, block), undefined, "it is given away once");
  });

  it("lets messages pass between slices, and gives away what it has at any time", () => {
    const all = [call(), call(), call(), call()];
    const { plan, block } = proposed(...all);
    for (let slices = 0; slices < 2; slices++) {
      const other = node(1);
      other.add(...all);
      other.ahead.begin("a", plan);
      other.runSlices(slices);
      assert.equal(takeFrom(other, block)?.applied, 2 * slices);
      other.runSlices();
      assert.deepEqual(other.deferred, []);
    }
  });

  it("stops where a transaction is not here, and leaves out what may not stand in the block", () => {
    const expired = call(3);
    const all = [call(), expired, call(), call(), call()];
    const { plan, block } = proposed(...all);
    const other = node(1);
    const late = all.pop()!;
    other.add(...all);
    other.ahead.begin("a", plan);
    other.runSlices();
    other.add(late);
    assert.equal(takeFrom(other, block)?.applied, 4);
    const wrong = { ...plan, txHashes: [plan.txHashes[0]!, plan.txHashes[0]!, ...plan.txHashes] };
    const third = node(2);
    third.add(...all, late);
    third.ahead.begin("a", wrong);
    third.runSlices();
    assert.equal(takeFrom(third, block)?.applied, 5);
  });

  it("is of no use to a block of another time, order or parent", () => {
    const all = [call(), call(), call(), call()];
    const { plan, block } = proposed(...all);
    const [one, two, ...rest] = plan.txHashes as [Uint8Array, Uint8Array];
    for (const change of [
      { timeMs: plan.timeMs + 1 },
      { txHashes: [one, ...rest, two] },
      { height: 3 },
      { parentHash: block.blockHash },
    ]) {
      const other = node(1);
      other.add(...all);
      other.ahead.begin("a", { ...plan, ...change });
      other.runSlices();
      assert.equal(takeFrom(other, block), undefined);
    }
  });

  it("takes one plan of a proposer, the next proposer's in its place, and none over on another head", () => {
    const all = [call(), call(), call(), call()];
    const { plan, block } = proposed(...all);
    const other = node(1);
    other.add(...all);
    const wrong = { ...plan, timeMs: plan.timeMs + 1 };
    other.ahead.begin("a", wrong);
    other.ahead.begin("a", plan);
    other.runSlices();
    assert.equal(takeFrom(other, block), undefined);
    other.ahead.begin("b", plan);
    other.runSlices();
    assert.equal(takeFrom(other, block)?.applied, 4);
    other.ahead.begin("c", plan);
    other.ahead.clear();
    other.runSlices();
    assert.equal(takeFrom(other, block), undefined);
  });

  it("is of no use where an order names another set on the same block meanwhile", () => {
    const all = [call(), call(), call(), call()];
    const { plan, block } = proposed(...all);
    const { ledger, bodies, add } = node(1);
    add(...all);
    const seen = { head: ledger.head, recent: ledger.recent };
    const defer = (work: () => void) => work();
    const ahead = new RunningAhead({ chain, ledger: seen, bodies, clock: () => 0, defer });
    ahead.begin("a", plan);
    seen.head = { ...ledger.head };
    const transactions = all.map(prepared);
    assert.equal(ahead.take(block.header, transactions), undefined);
    seen.head = ledger.head;
    assert.equal(ahead.take(block.header, transactions)?.applied, 4);
  });

  it("changes no verdict and no state, whatever the plan says", async () => {
    const all = [call(), call(), call(), call(3), call()];
    const meter = new Meter(chain, devices[1]!, "n");
    all.push(meter.next(), meter.next());
    const { plan, block } = proposed(...all);
    const hashes = all.map((each) => prepared(each).hash);
    const names = fc.array(fc.constantFrom(...hashes, new Uint8Array(32)), { maxLength: 9 });
    const time = fc.constantFrom(plan.timeMs, plan.timeMs + 1);
    const turn = fc.nat(2);
    await fc.assert(
      fc.asyncProperty(names, time, turn, fc.boolean(), async (txHashes, timeMs, turns, honest) => {
        const other = node(1);
        other.add(...all);
        other.own.begin("a", honest ? plan : { ...plan, timeMs, txHashes });
        for (let i = 0; i < turns; i++) await new Promise(setImmediate);
        assert.deepEqual(other.proposals.check(block, true), { ok: true });
        const transactions = other.transactionsOf(block.blockHash, block.txHashes)!;
        const seal = sealOf(chain, validators, 2, block.blockHash);
        other.ledger.import({ block, seal, transactions }, "consensus");
        assert.deepEqual(other.ledger.head.tree.root, block.header.stateRoot);
      }),
      { numRuns: 60 },
    );
  });
});

describe("plans on their way", () => {
  const plan = { height: 1, parentHash: chain.chainId, timeMs: CREATED_MS + 1, txHashes: [] };

  interface PlaceOptions {
    readonly ids?: readonly string[];
    readonly ownId?: string;
    readonly proposer?: number | undefined;
  }

  function place(options: PlaceOptions = {}) {
    const { ids, ownId, ...turn } = {
      ids: ["a", "b", "c", "d"],
      ownId: "a",
      proposer: 1,
      ...options,
    };
    const begun: string[] = [];
    const sent: Uint8Array[] = [];
    const posted: EngineEvent[] = [];
    const refused: object[] = [];
    let isConnected = true;
    const ledger = { head: { height: 0 } };
    const plans = new Plans({
      ...{ ownId, ledger, sealers: { ids } },
      ahead: { begin: (from) => begun.push(from) },
      engine: { ...turn, post: (event) => posted.push(event) },
      broadcast: (_, bytes) => isConnected && sent.push(bytes) > 0,
      defer: (work) => work(),
      log: { debug: (data) => refused.push(data) },
    });
    const cut = () => {
      isConnected = false;
    };
    return { plans, ledger, begun, sent, posted, refused, cut };
  }

  it("are sent where somebody listens, and then the engine is woken", () => {
    const { plans, sent, posted, cut } = place();
    assert.equal(plans.announce(plan), true);
    assert.deepEqual([sent, posted], [[encodePlan(plan)], [{ type: "work" }]]);
    cut();
    assert.equal(plans.announce(plan), false);
    assert.equal(place({ ids: ["a"] }).plans.announce(plan), false);
    assert.equal(posted.length, 1);
  });

  it("count from the validator whose turn it is alone", () => {
    const { plans, begun } = place();
    for (const publisher of ["c", "b", "a", "x"]) {
      assert.equal(plans.onMessage(publisher, encodePlan(plan)), true);
    }
    assert.deepEqual(begun, ["b"]);
    const own = place({ ownId: "b" });
    own.plans.onMessage("b", encodePlan(plan));
    assert.deepEqual(own.begun, []);
  });

  it("wait for a head that their proposer has a moment earlier, once", () => {
    const { plans, ledger, begun } = place();
    plans.onMessage("b", encodePlan({ ...plan, height: 2 }));
    assert.deepEqual(begun, []);
    ledger.head.height = 1;
    plans.onNewHead();
    plans.onNewHead();
    assert.deepEqual(begun, ["b"]);
    plans.onMessage("c", encodePlan({ ...plan, height: 3 }));
    plans.onNewHead();
    assert.deepEqual(begun, ["b"], "it was not that validator's turn");
  });

  it("are neither sent nor heard under an engine that has no turns", () => {
    const { plans, begun, sent } = place({ proposer: undefined });
    assert.equal(plans.announce(plan), false);
    assert.equal(plans.onMessage("b", encodePlan(plan)), true);
    assert.deepEqual([begun, sent], [[], []]);
  });

  it("are told from other messages, and bytes that are none harm nobody", () => {
    const { plans, begun, refused } = place();
    assert.equal(plans.onMessage("b", Uint8Array.of(0x83, 1, 2)), false);
    assert.equal(plans.onMessage("b", encodePlan(plan).subarray(0, 20)), true);
    assert.deepEqual(begun, []);
    assert.deepEqual(refused, [{ publisher: "b", code: "CBOR_MALFORMED" }]);
  });
});
