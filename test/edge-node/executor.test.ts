import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Fault, type FaultCode } from "@gridledger/protocol/faults";
import { equalBytes } from "@gridledger/protocol/hex";
import { genesisState } from "@gridledger/protocol/ledger/genesis-state";
import { identities, meters, stateKey } from "@gridledger/protocol/ledger/state";
import { VALIDITY_WINDOW_BLOCKS } from "@gridledger/protocol/ledger/transaction";
import { readMissedTurns } from "@gridledger/protocol/ledger/turns";
import fc from "fast-check";
import { executeBlock } from "../../edge-node/src/state/executor.ts";
import { PreparedTransaction } from "../../edge-node/src/state/prepared-transaction.ts";
import { RecentTransactions } from "../../edge-node/src/state/recent-transactions.ts";
import { StateView } from "../../edge-node/src/state/state-view.ts";
import { enrol, Meter, network, person, sign, suite } from "./support.ts";

const net = network();
const { chain, devices, operator, hub } = net;
const [device, other] = devices as [(typeof devices)[0], (typeof devices)[0]];

const timeMs = Date.UTC(2030, 0, 1);

function run(encoded: readonly Uint8Array[], height = 1, recent = new RecentTransactions()) {
  const transactions = encoded.map((bytes) => new PreparedTransaction(chain, bytes));
  const at = { height, timeMs, parentHash: chain.chainId };
  return executeBlock({ chain, recent }, genesisState(chain), at, transactions);
}

function refuses(encoded: readonly Uint8Array[], code: FaultCode, height = 1): void {
  const outcome = run(encoded, height);
  assert.ok(outcome instanceof Fault, "it was executed");
  assert.equal(outcome.code, code);
}

function rootOf(encoded: readonly Uint8Array[]): string {
  const outcome = run(encoded);
  if (outcome instanceof Fault) throw outcome;
  return Buffer.from(outcome.tree.root).toString("hex");
}

describe("state view", () => {
  it("what was not there is found once it is written, and gone once it is deleted, however many were asked for", () => {
    const tree = genesisState(chain);
    const view = new StateView(tree);
    for (let i = 0; i < 3_000; i++) assert.equal(view.get(meters, `nobody-${i}`), undefined);
    const meter = { ownerId: device.id, sequence: 1, payloadHash: chain.chainId, lastTimeMs: 5 };
    view.set(meters, "nobody-2999", meter);
    assert.deepEqual(view.get(meters, "nobody-2999"), meter);
    view.delete(meters, "nobody-2999");
    assert.equal(view.get(meters, "nobody-2999"), undefined);
    assert.equal(view.get(meters, "nobody-0"), undefined);
    assert.ok(equalBytes(view.commit().tree.root, tree.root));
  });
});

describe("executor", () => {
  it("remembers whose turns passed before a block was first proposed, and forgets who proposes", () => {
    const at = { height: 1, timeMs, parentHash: chain.chainId, proposer: 2, round: 1 };
    const recent = new RecentTransactions();
    const missed = executeBlock({ chain, recent }, genesisState(chain), at, []);
    assert.ok(!(missed instanceof Fault));
    const [entry] = readMissedTurns(new StateView(missed.tree));
    assert.deepEqual(entry?.publicKey, chain.validators[1]?.publicKey);
    const back = { height: 21, timeMs, parentHash: chain.chainId, proposer: 1, round: 0 };
    const proposed = executeBlock({ chain, recent }, missed.tree, back, []);
    assert.ok(!(proposed instanceof Fault));
    assert.deepEqual(readMissedTurns(new StateView(proposed.tree)), []);
  });

  it("the genesis state holds the identities of the genesis", () => {
    const key = stateKey(identities.keyOf(device.id));
    const found = genesisState(chain).get(key);
    assert.ok(found);
    assert.ok(equalBytes(identities.decode(found).publicKey, device.signer.publicKey));
  });

  it("batches of a meter follow one another within a block", () => {
    const meter = new Meter(chain, device, "m1");
    const outcome = run([meter.next(), meter.next(), meter.next()]);
    assert.ok(!(outcome instanceof Fault));
    const meters = outcome.writes.filter(({ key }) => key[0] === "m".charCodeAt(0));
    assert.equal(meters.length, 1, "a meter is written once a block");
  });

  it("a batch signed by another key is refused", () => {
    const meter = new Meter(chain, device, "m1");
    const genuine = meter.next();
    const forged = new Uint8Array(genuine);
    forged[forged.length - 1]! ^= 1;
    refuses([forged], "SIGNATURE_INVALID");
  });

  it("a batch signed for another chain is refused", () => {
    const elsewhere = network();
    const meter = new Meter({ ...elsewhere.chain }, device, "m1");
    refuses([meter.next()], "SIGNATURE_INVALID");
  });

  it("an unknown sender is refused", () => {
    refuses([new Meter(chain, person(), "m1").next()], "SENDER_UNKNOWN");
  });

  it("a reading from more than an hour ahead is refused, so that it cannot shut its meter out", () => {
    const hourMs = 3_600_000;
    refuses(
      [new Meter(chain, device, "m1").next({ timesMs: [timeMs + hourMs + 1] })],
      "READING_FUTURE",
    );
    const meter = new Meter(chain, device, "m1");
    assert.ok(!(run([meter.next({ timesMs: [timeMs + hourMs] })]) instanceof Fault));
  });

  it("only a device submits readings, only an operator enrols", () => {
    refuses([new Meter(chain, operator, "m1").next()], "SENDER_ROLE");
    refuses([enrol(chain, device, person())], "SENDER_ROLE");
    refuses([enrol(chain, hub, person())], "SENDER_ROLE");
  });

  it("a meter belongs to the device that submitted its first batch", () => {
    const meter = new Meter(chain, device, "m1");
    const thief = new Meter(chain, other, "m1");
    refuses([meter.next(), thief.next()], "METER_OWNED");
  });

  it("a gap, a repetition and another predecessor are told apart", () => {
    const meter = new Meter(chain, device, "m1");
    const first = meter.next();
    meter.next();
    const third = meter.next();
    refuses([first, third], "BATCH_SEQUENCE");
    refuses([first, first], "BATCH_STALE");
    const unlinked = sign(
      chain,
      device,
      new Meter(chain, device, "m1").payload({ sequence: 2, previousHash: suite.hash() }),
    );
    refuses([first, unlinked], "BATCH_LINK");
  });

  it("readings that begin before the last batch ended are refused", () => {
    const meter = new Meter(chain, device, "m1");
    refuses([meter.next({ timesMs: [5_000] }), meter.next({ timesMs: [5_000] })], "BATCH_SHAPE");
  });

  it("a payload that is no batch is refused before anything else", () => {
    const junk = sign(chain, device, Uint8Array.of(0x82, 1, 2));
    assert.throws(() => new PreparedTransaction(chain, junk), { code: "BATCH_SHAPE" });
    const unknown = sign(chain, device, Uint8Array.of(0), { kind: 99 });
    assert.throws(() => new PreparedTransaction(chain, unknown), { code: "TX_KIND" });
  });

  it("the window is closed on both sides", () => {
    const until = (validUntilHeight: number) =>
      new Meter(chain, device, "m1").next({ validUntilHeight });
    refuses([until(9)], "TX_EXPIRED", 10);
    refuses([until(11 + VALIDITY_WINDOW_BLOCKS)], "TX_TOO_FAR", 10);
    assert.ok(!(run([until(10)], 10) instanceof Fault));
    assert.ok(!(run([until(10 + VALIDITY_WINDOW_BLOCKS)], 10) instanceof Fault));
  });

  it("who is enrolled in a block can send in the same block", () => {
    const newcomer = person();
    const meter = new Meter(chain, newcomer, "m9");
    assert.ok(!(run([enrol(chain, operator, newcomer), meter.next()]) instanceof Fault));
  });

  it("an identity is enrolled once, and never as validator or hub", () => {
    const newcomer = person();
    const again = enrol(chain, operator, newcomer, { validUntilHeight: 99 });
    refuses([enrol(chain, operator, newcomer), again], "IDENTITY_EXISTS");
    for (const role of ["validator", "hub"] as const) {
      const encoded = enrol(chain, operator, person(), { role });
      assert.throws(() => new PreparedTransaction(chain, encoded), { code: "ENROLMENT_ROLE" });
    }
  });

  it("a transaction that no sequence guards happens once while its window is open", () => {
    const encoded = enrol(chain, operator, person());
    refuses([encoded, encoded], "TX_REPLAYED");
    const recent = new RecentTransactions();
    const { hash, validUntilHeight, key } = new PreparedTransaction(chain, encoded);
    recent.add([{ hash, validUntilHeight }]);
    const outcome = run([encoded], 1, recent);
    assert.ok(outcome instanceof Fault && outcome.code === "TX_REPLAYED");
    recent.forget(validUntilHeight);
    assert.equal(recent.has(key), false);
    assert.equal(recent.size, 0);
  });

  it("a fault leaves no trace: the block before it can be built on", () => {
    const meter = new Meter(chain, device, "m1");
    const first = meter.next();
    const before = genesisState(chain).root;
    refuses([first, first], "BATCH_STALE");
    assert.deepEqual(genesisState(chain).root, before);
  });

  it("the same transactions give the same root, whoever executes them and in whatever grouping of meters", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 24 }),
        (choices) => {
          const meters = Array.from({ length: 5 }, (_, i) => new Meter(chain, device, `p${i}`));
          const encoded = choices.map((choice) => ({ choice, bytes: meters[choice]!.next() }));
          const inOrder = encoded.map(({ bytes }) => bytes);
          const byMeter = encoded.toSorted((a, b) => a.choice - b.choice).map(({ bytes }) => bytes);
          assert.equal(rootOf(inOrder), rootOf(inOrder.map((bytes) => new Uint8Array(bytes))));
          assert.equal(rootOf(inOrder), rootOf(byMeter));
        },
      ),
      { numRuns: 40 },
    );
  });
});
