import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { encodeBlock } from "@gridledger/protocol/ledger/block";
import { assembleChain } from "../../edge-node/src/chain/chain-parts.ts";
import type { BlockSource, SealedBlock } from "../../edge-node/src/chain/ledger.ts";
import { openSealedBlocks } from "../../edge-node/src/chain/sealed-block.ts";
import { restoreFromLog } from "../../edge-node/src/engine/restore.ts";
import { PreparedTransaction } from "../../edge-node/src/state/prepared-transaction.ts";
import type { FinalBlock } from "../../edge-node/src/store/chain-store.ts";
import { Meter, network, sealedBlock, sealOf, unloaded } from "./support.ts";

const net = network({ policy: { maxBlockTransactions: 8, maxBlockBytes: 2_000 } });
const { chain, validators, devices } = net;
const [device] = devices as [(typeof devices)[0]];

function node(proposer = 0) {
  const stored: FinalBlock[] = [];
  const sources: BlockSource[] = [];
  let nowMs = chain.genesis.createdMs + 60_000;
  const parts = assembleChain(
    {
      chain,
      store: {
        append: (block) => {
          stored.push(block);
          return Promise.resolve();
        },
      },
      now: () => nowMs,
      clock: () => 0,
      onStoreFault: (fault) => assert.fail(fault),
      onDropped: () => {},
    },
    unloaded(chain),
    validators[proposer]?.signer.publicKey,
  );
  parts.ledger.onImported(({ source }) => sources.push(source));
  const add = (encoded: Uint8Array) => {
    assert.equal(parts.pool.add(new PreparedTransaction(chain, encoded)), undefined);
  };
  return { ...parts, stored, sources, add, setNow: (ms: number) => (nowMs = ms) };
}

type TestNode = ReturnType<typeof node>;

function decide({ ledger, proposals, transactionsOf }: TestNode): SealedBlock {
  const block = proposals.build(0);
  assert.ok(block);
  const seal = sealOf(chain, validators, block.header.height, block.blockHash);
  const transactions = transactionsOf(block.blockHash, block.txHashes);
  assert.ok(transactions);
  const sealed = { block, seal, transactions };
  ledger.import(sealed, "consensus");
  return sealed;
}

describe("proposals", () => {
  it("what one node builds another one accepts", () => {
    const [a, b] = [node(), node(1)];
    const batch = new Meter(chain, device, "m").next();
    a.add(batch);
    b.add(batch);
    const block = a.proposals.build(0);
    assert.ok(block);
    assert.deepEqual(b.proposals.check(block, true), { ok: true });
  });

  it("nothing to propose gives nothing: no empty blocks", () => {
    assert.equal(node().proposals.build(0), undefined);
  });

  it("bodies that are not here are named, wanted, and taken when they come", () => {
    const [a, b] = [node(), node(1)];
    const meter = new Meter(chain, device, "m");
    const [first, second] = [meter.next(), meter.next()];
    a.add(first);
    a.add(second);
    b.add(first);
    const block = a.proposals.build(0);
    assert.ok(block);
    const outcome = b.proposals.check(block, true);
    assert.ok(!outcome.ok && "missing" in outcome);
    assert.equal(outcome.missing.length, 1);
    const body = new PreparedTransaction(chain, second);
    assert.equal(b.bodies.offer(body), false, "nobody asked for it yet");
    b.bodies.want(outcome.missing);
    assert.equal(b.bodies.offer(body), true);
    assert.deepEqual(b.proposals.check(block, true), { ok: true });
  });

  it("a block from the future is refused while it is fresh, and taken when it was prepared before", () => {
    const [a, b] = [node(), node(1)];
    const batch = new Meter(chain, device, "m").next();
    a.add(batch);
    b.add(batch);
    const block = a.proposals.build(0);
    assert.ok(block);
    b.setNow(block.header.timeMs - 60_000);
    const fresh = b.proposals.check(block, true);
    assert.ok(!fresh.ok && "fault" in fresh);
    assert.equal(fresh.fault.code, "BLOCK_INVALID");
    assert.deepEqual(b.proposals.check(block, false), { ok: true });
  });

  it("a clock behind the parent's still makes a valid block", () => {
    const a = node();
    const meter = new Meter(chain, device, "m");
    a.add(meter.next());
    decide(a);
    a.setNow(0);
    a.add(meter.next());
    decide(a);
    assert.equal(a.ledger.head.height, 2);
  });

  it("of two devices that claim one meter a block takes the first and the pool drops the other", () => {
    const a = node();
    a.add(new Meter(chain, device, "same").next());
    a.add(new Meter(chain, devices[1]!, "same").next());
    assert.equal(a.proposals.build(0)?.txHashes.length, 1);
    assert.equal(a.pool.size, 1);
  });
});

describe("ledger", () => {
  const batch = () => new Meter(chain, device, `m${Math.random()}`).next();
  const refuses = (change: Parameters<typeof sealedBlock>[3], code = "BLOCK_INVALID") => {
    const { ledger } = node();
    const sealed = sealedBlock(net, ledger.head, [batch()], change);
    assert.throws(() => ledger.import(sealed, "sync"), { code });
    assert.equal(ledger.head.height, 0);
  };

  it("a final block moves the head, is stored and announced, and leaves the pool", () => {
    const a = node();
    a.add(batch());
    decide(a);
    assert.equal(a.ledger.head.height, 1);
    assert.equal(a.stored.length, 1);
    assert.deepEqual(a.sources, ["consensus"]);
    assert.equal(a.pool.size, 0);
  });

  it("import is idempotent", () => {
    const a = node();
    const sealed = sealedBlock(net, a.ledger.head, [batch()]);
    assert.equal(a.ledger.import(sealed, "sync"), true);
    assert.equal(a.ledger.import(sealed, "sync"), false);
    assert.equal(a.ledger.import(sealed, "consensus"), false);
    assert.equal(a.stored.length, 1);
  });

  it("nodes that import the same blocks have the same root", () => {
    const [a, b] = [node(), node(1)];
    for (let i = 0; i < 5; i++) {
      a.add(batch());
      b.ledger.import(decide(a), "sync");
    }
    assert.deepEqual(a.ledger.head.hash, b.ledger.head.hash);
    assert.deepEqual(a.ledger.head.tree.root, b.ledger.head.tree.root);
  });

  it("every rule of the header is checked", () => {
    refuses({ height: 2 });
    refuses({ parentHash: new Uint8Array(32) });
    refuses({ timeMs: chain.genesis.createdMs });
    refuses({ stateRoot: new Uint8Array(32) });
    refuses({ txRoot: new Uint8Array(32) });
    refuses({ validatorsHash: new Uint8Array(32) });
    refuses({ nextValidatorsHash: new Uint8Array(32) });
    refuses({ proposer: 4 });
    refuses({ txCount: 2 });
    refuses({ txCount: 0 });
  });

  it("a block above the policy's count or bytes is refused", () => {
    const { ledger } = node();
    const many = Array.from({ length: 9 }, batch);
    const crowded = sealedBlock(net, ledger.head, many);
    assert.throws(() => ledger.import(crowded, "sync"), { code: "BLOCK_INVALID" });
    const wide = Array.from(
      { length: 300 },
      (_, i) => chain.genesis.createdMs - (300 - i) ** 2 * 1_000,
    );
    const large = new Meter(chain, device, "large").next({
      timesMs: wide,
      registers: [
        { obis: "1-0:1.8.0", unit: "Wh", scaler: 0, values: wide.map((_, i) => i ** 4 * 1e4) },
      ],
    });
    const heavy = sealedBlock(net, ledger.head, [large]);
    assert.throws(() => ledger.import(heavy, "sync"), { code: "BLOCK_INVALID" });
  });

  it("a seal below the quorum, of strangers, or with one signature twice is refused", () => {
    const { ledger } = node();
    const { block, seal, transactions } = sealedBlock(net, ledger.head, [batch()]);
    const importWith = (signatures: typeof seal.signatures) => () =>
      ledger.import({ block, seal: { round: 0, signatures }, transactions }, "sync");
    const [first, second] = seal.signatures as [
      (typeof seal.signatures)[0],
      (typeof seal.signatures)[0],
    ];
    assert.throws(importWith([first, second]), { code: "SEAL_INVALID" });
    assert.throws(importWith([first, second, { signer: 3, signature: first.signature }]), {
      code: "SEAL_INVALID",
    });
    assert.throws(importWith([...seal.signatures.slice(0, 2), { ...second, signer: 9 }]), {
      code: "SEAL_INVALID",
    });
  });

  it("a transaction that breaks a rule spoils its block", () => {
    const { ledger } = node();
    const good = batch();
    const sealed = sealedBlock(net, ledger.head, [good]);
    const forged = new Uint8Array(good);
    forged[forged.length - 2]! ^= 1;
    const transactions = [new PreparedTransaction(chain, forged)];
    assert.throws(() => ledger.import({ ...sealed, transactions }, "sync"), {
      code: "BLOCK_INVALID",
    });
  });

  it("a block from a peer is opened in slices and then imported like any other", async () => {
    const [a, b] = [node(), node(1)];
    for (let i = 0; i < 6; i++) a.add(batch());
    const { block, seal, transactions } = decide(a);
    const encoded = encodeBlock(
      block.encodedHeader,
      seal,
      transactions.map((transaction) => transaction.encoded),
    );
    let clockMs = 0;
    let pauses = 0;
    const opened = await openSealedBlocks(
      {
        chain,
        state: () => b.ledger.head.state,
        pool: b.pool,
        clock: () => (clockMs += 3),
        pause: async () => {
          pauses++;
        },
      },
      [encoded],
    );
    assert.ok(pauses > 0);
    assert.equal(b.ledger.import(opened.sealed[0]!, "sync"), true);
    assert.deepEqual(b.ledger.head.hash, a.ledger.head.hash);
  });
});

describe("restore from the consensus log", () => {
  it("a block that was decided and not stored is imported first; stored ones are passed over", () => {
    const a = node();
    const decided: SealedBlock[] = [];
    const meter = new Meter(chain, device, "m");
    for (let i = 0; i < 2; i++) {
      a.add(meter.next());
      decided.push(decide(a));
    }
    const records = decided.flatMap(({ block, seal }) => [
      { kind: "block" as const, height: block.header.height, block },
      {
        kind: "decided" as const,
        height: block.header.height,
        blockHash: block.blockHash,
        seal,
      },
    ]);
    const bodies = decided.flatMap(({ transactions }) =>
      transactions.map(({ encoded }) => encoded),
    );
    const b = node(1);
    b.ledger.import(decided[0]!, "sync");
    const { ledger } = b;
    assert.equal(restoreFromLog({ chain, ledger, bodies: b.bodies }, { records, bodies }), 1);
    assert.deepEqual(ledger.head.hash, a.ledger.head.hash);
    assert.equal(restoreFromLog({ chain, ledger, bodies: b.bodies }, { records, bodies }), 0);
  });

  it("the bodies of a block that was voted for are there for the engine", () => {
    const a = node();
    a.add(new Meter(chain, device, "m").next());
    const { block, transactions } = decide(a);
    const b = node(1);
    const bodies = transactions.map(({ encoded }) => encoded);
    const records = [{ kind: "block" as const, height: 1, block }];
    restoreFromLog({ chain, ledger: b.ledger, bodies: b.bodies }, { records, bodies });
    assert.deepEqual(b.proposals.check(block, false), { ok: true });
  });
});
