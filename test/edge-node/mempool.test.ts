import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Fault, FaultCode } from "@gridledger/protocol/faults";
import { genesisState } from "@gridledger/protocol/ledger/genesis-state";
import { encodeTransactions } from "@gridledger/protocol/messages/transactions";
import fc from "fast-check";
import { genesisHead, type Head, headAfter } from "../../edge-node/src/chain/head.ts";
import {
  DEFAULT_MEMPOOL_LIMITS,
  Mempool,
  type MempoolLimits,
} from "../../edge-node/src/mempool/mempool.ts";
import { Refusals } from "../../edge-node/src/mempool/refusals.ts";
import { TransactionInbox } from "../../edge-node/src/mempool/transaction-inbox.ts";
import { executeBlock } from "../../edge-node/src/state/executor.ts";
import { PreparedTransaction } from "../../edge-node/src/state/prepared-transaction.ts";
import { enrol, Meter, network, person, sealedBlock, sign } from "./support.ts";

const net = network();
const { chain, devices, operator } = net;
const [device, other] = devices as [(typeof devices)[0], (typeof devices)[0]];

class Bench {
  head: Head = genesisHead(chain, genesisState(chain));
  nowMs = 1_000_000;
  readonly dropped: FaultCode[] = [];
  readonly #final = new Set<string>();
  readonly pool: Mempool;

  constructor(limits: Partial<MempoolLimits> = {}) {
    this.pool = new Mempool(
      {
        chain,
        head: () => this.head,
        recent: { has: (key) => this.#final.has(key) },
        clock: () => this.nowMs,
        now: () => Date.UTC(2030, 0, 1),
        onDropped: (_, fault) => this.dropped.push(fault.code),
      },
      { ...DEFAULT_MEMPOOL_LIMITS, ...limits },
    );
  }

  add(encoded: Uint8Array): FaultCode | undefined {
    return this.pool.add(new PreparedTransaction(chain, encoded))?.code;
  }

  taken(maxBytes = 1e9, maxCount = 1e9): string[] {
    return this.pool.take(maxBytes, maxCount).map(({ operation }) => {
      const { place } = operation;
      return place === undefined ? "free" : `${place.run}:${place.sequence}`;
    });
  }

  /** Puts transactions into a block, those of the pool or others. */
  block(encoded: readonly Uint8Array[]): void {
    const { block, transactions } = sealedBlock(net, this.head, encoded);
    const execution = executeBlock(
      { chain, recent: { has: () => false } },
      this.head.tree,
      block.header,
      transactions,
    );
    if (execution instanceof Error) throw execution;
    this.head = headAfter(chain, block.header, block.blockHash, execution.tree);
    this.pool.onBlock(this.head.height, transactions);
    for (const { key } of transactions) this.#final.add(key);
  }
}

describe("mempool", () => {
  it("batches that arrive out of order come out in order", () => {
    fc.assert(
      fc.property(fc.shuffledSubarray([0, 1, 2, 3, 4, 5, 6], { minLength: 7 }), (order) => {
        const bench = new Bench();
        const meter = new Meter(chain, device, "m");
        const batches = order.map(() => meter.next());
        for (const index of order) assert.equal(bench.add(batches[index]!), undefined);
        assert.deepEqual(
          bench.taken(),
          [1, 2, 3, 4, 5, 6, 7].map((sequence) => `m:${sequence}`),
        );
      }),
      { numRuns: 30 },
    );
  });

  it("a batch behind a gap waits and is no work", () => {
    const bench = new Bench();
    const meter = new Meter(chain, device, "m");
    const [first, second] = [meter.next(), meter.next()];
    assert.equal(bench.add(second), undefined);
    assert.equal(bench.pool.hasWork, false);
    assert.deepEqual(bench.taken(), []);
    assert.equal(bench.add(first), undefined);
    assert.equal(bench.pool.hasWork, true);
    assert.deepEqual(bench.taken(), ["m:1", "m:2"]);
  });

  it("a batch too far ahead is refused and told which one is missing", () => {
    const bench = new Bench({ maxAhead: 3 });
    const meter = new Meter(chain, device, "m");
    const batches = Array.from({ length: 5 }, () => meter.next());
    assert.equal(bench.add(batches[2]!), undefined);
    assert.equal(bench.add(batches[4]!), "BATCH_SEQUENCE");
  });

  it("one that is waiting is not taken twice, one that is final is stale", () => {
    const bench = new Bench();
    const first = new Meter(chain, device, "m").next();
    assert.equal(bench.add(first), undefined);
    assert.equal(bench.add(first), "TX_REPLAYED");
    bench.block([first]);
    assert.equal(bench.pool.size, 0);
    assert.equal(bench.pool.bytes, 0);
    assert.equal(bench.add(first), "BATCH_STALE");
  });

  it("the same batch signed again for longer takes the first one's place", () => {
    const bench = new Bench();
    const payload = new Meter(chain, device, "m").payload();
    assert.equal(bench.add(sign(chain, device, payload, { validUntilHeight: 5 })), undefined);
    assert.equal(bench.add(sign(chain, device, payload, { validUntilHeight: 4 })), "TX_REPLAYED");
    assert.equal(bench.add(sign(chain, device, payload, { validUntilHeight: 9 })), undefined);
    assert.equal(bench.pool.size, 1);
    assert.equal(bench.pool.take(1e9, 1e9)[0]?.validUntilHeight, 9);
  });

  it("forged, foreign and expired ones are refused with their reasons", () => {
    const bench = new Bench();
    const forged = new Uint8Array(new Meter(chain, device, "m").next());
    forged[forged.length - 2]! ^= 1;
    assert.equal(bench.add(forged), "SIGNATURE_INVALID");
    assert.equal(bench.add(new Meter(chain, person(), "m").next()), "SENDER_UNKNOWN");
    assert.equal(bench.add(new Meter(chain, operator, "m").next()), "SENDER_ROLE");
    assert.equal(
      bench.add(new Meter(chain, device, "m").next({ validUntilHeight: 0 })),
      "TX_EXPIRED",
    );
    assert.equal(
      bench.add(new Meter(chain, device, "m").next({ validUntilHeight: 9_999 })),
      "TX_TOO_FAR",
    );
    bench.block([new Meter(chain, other, "owned").next()]);
    const thief = new Meter(chain, device, "owned");
    assert.equal(bench.add(thief.next()), "METER_OWNED");
    assert.equal(bench.add(thief.next()), "METER_OWNED");
    assert.equal(bench.pool.size, 0);
  });

  it("has limits in count, in bytes and for one sender", () => {
    const of = (limits: Partial<MempoolLimits>, count: number) => {
      const bench = new Bench(limits);
      let last: FaultCode | undefined;
      for (let i = 0; i < count; i++) last = bench.add(new Meter(chain, device, `m${i}`).next());
      return last;
    };
    assert.equal(of({ maxCount: 2 }, 2), undefined);
    assert.equal(of({ maxCount: 2 }, 3), "MEMPOOL_FULL");
    assert.equal(of({ maxBytes: 400 }, 3), "MEMPOOL_FULL");
    assert.equal(of({ maxPerSender: 2 }, 3), "MEMPOOL_SENDER_LIMIT");
  });

  it("take keeps to the limits and never leaves a hole in a meter's run", () => {
    const bench = new Bench();
    for (const name of ["a", "b"]) {
      const meter = new Meter(chain, device, name);
      for (let i = 0; i < 40; i++) bench.add(meter.next());
    }
    const taken = bench.taken(1e9, 50);
    assert.equal(taken.length, 50);
    assert.ok(taken.includes("b:16"), "both meters have their turn");
    for (const name of ["a", "b"]) {
      const sequences = taken.filter((item) => item.startsWith(name)).map((item) => item.slice(2));
      assert.deepEqual(
        sequences,
        sequences.map((_, i) => String(i + 1)),
      );
    }
    const [first] = bench.pool.take(1e9, 1);
    assert.equal(bench.taken(first!.encoded.length * 2 + 10).length, 2);
  });

  it("what expires leaves, and its successors wait for the batch to be signed again", () => {
    const bench = new Bench();
    const meter = new Meter(chain, device, "m");
    bench.add(meter.next({ validUntilHeight: 1 }));
    bench.add(meter.next());
    bench.block([new Meter(chain, other, "x").next()]);
    assert.deepEqual(bench.dropped, ["TX_EXPIRED"]);
    assert.equal(bench.pool.size, 1);
    assert.equal(bench.pool.hasWork, false);
  });

  it("a rival that became final makes the waiting batch stale", () => {
    const bench = new Bench();
    const payload = new Meter(chain, device, "m").payload();
    bench.add(sign(chain, device, payload, { validUntilHeight: 50 }));
    bench.block([sign(chain, device, payload, { validUntilHeight: 60 })]);
    assert.deepEqual(bench.dropped, ["BATCH_STALE"]);
    assert.equal(bench.pool.size, 0);
  });

  it("a batch that can never follow leaves when its turn comes", () => {
    const bench = new Bench();
    const meter = new Meter(chain, device, "m");
    const first = meter.next();
    const unlinked = sign(chain, device, new Meter(chain, device, "m").payload({ sequence: 2 }));
    assert.equal(bench.add(unlinked), undefined);
    assert.equal(bench.add(first), undefined);
    assert.deepEqual(bench.taken(), ["m:1"]);
    bench.block([first]);
    assert.deepEqual(bench.dropped, ["BATCH_LINK"]);
    assert.equal(bench.pool.size, 0);
  });

  it("an enrolment that is final and comes again is told so, and not that somebody else was first", () => {
    const bench = new Bench();
    const who = person();
    const enrolment = enrol(chain, operator, who);
    bench.block([enrolment]);
    assert.equal(bench.add(enrolment), "TX_REPLAYED");
    const another = enrol(chain, operator, who, { validUntilHeight: 99 });
    assert.equal(bench.add(another), "IDENTITY_EXISTS");
  });

  it("enrolments go before readings", () => {
    const bench = new Bench();
    bench.add(new Meter(chain, device, "m").next());
    bench.add(enrol(chain, operator, person()));
    assert.deepEqual(bench.taken(), ["free", "m:1"]);
  });

  it("what waits too long is passed on once in a while", () => {
    const bench = new Bench();
    bench.add(new Meter(chain, device, "m").next());
    assert.equal([...bench.pool.overdue(4_000)].length, 0);
    bench.nowMs += 5_000;
    assert.equal([...bench.pool.overdue(4_000)].length, 1);
    assert.equal([...bench.pool.overdue(4_000)].length, 0);
    bench.nowMs += 5_000;
    assert.equal([...bench.pool.overdue(4_000)].length, 1);
  });
});

describe("transaction inbox", () => {
  function inboxOf(bench: Bench) {
    const deferred: (() => void)[] = [];
    const refused: { publisher: string; code: FaultCode }[] = [];
    let clockMs = 0;
    const inbox = new TransactionInbox({
      chain,
      pool: bench.pool,
      clock: () => (clockMs += 1),
      defer: (work) => deferred.push(work),
      onSeen: () => {},
      onAdmitted: () => {},
      onRefused: (publisher: string, _: Uint8Array, { code }: Fault) =>
        refused.push({ publisher, code }),
    });
    return { inbox, deferred, refused };
  }

  it("admits in slices and lets others run between them", () => {
    const bench = new Bench();
    const { inbox, deferred } = inboxOf(bench);
    const meter = new Meter(chain, device, "m");
    inbox.push("p", encodeTransactions(Array.from({ length: 10 }, () => meter.next())));
    assert.equal(bench.pool.size, 0);
    deferred.shift()?.();
    assert.ok(bench.pool.size > 0 && bench.pool.size < 10);
    while (deferred.length > 0) deferred.shift()?.();
    assert.equal(bench.pool.size, 10);
    assert.equal(inbox.queuedBytes, 0);
  });

  it("junk is refused with a reason and does not stop what stands beside it", () => {
    const bench = new Bench();
    const { inbox, deferred, refused } = inboxOf(bench);
    inbox.push("p", Uint8Array.of(0xff));
    inbox.push("q", encodeTransactions([Uint8Array.of(1), new Meter(chain, device, "m").next()]));
    while (deferred.length > 0) deferred.shift()?.();
    assert.equal(bench.pool.size, 1);
    assert.deepEqual(
      refused.map(({ publisher }) => publisher),
      ["p", "q"],
    );
  });

  it("what does not fit into the queue is refused, not kept", () => {
    const { inbox, refused } = inboxOf(new Bench());
    const message = encodeTransactions([new Uint8Array(500_000)]);
    for (let i = 0; i < 9; i++) inbox.push("p", message);
    assert.equal(refused.at(-1)?.code, "MEMPOOL_FULL");
    assert.ok(inbox.queuedBytes <= 4 * 1024 * 1024);
  });
});

describe("refusals", () => {
  it("are counted all and told within limits", () => {
    let nowMs = 5_000;
    const told: string[] = [];
    const refusals = new Refusals({ now: () => nowMs, send: (receiver) => told.push(receiver) });
    const fault = { code: "TX_EXPIRED" } as Fault;
    for (let i = 0; i < 100; i++) refusals.refuse("a", new Uint8Array(), fault);
    assert.equal(told.length, 20);
    for (let i = 0; i < 100; i++) refusals.refuse(`x${i}`, new Uint8Array(), fault);
    assert.equal(told.length, 50);
    nowMs += 1_000;
    refusals.refuse("a", new Uint8Array(), fault);
    assert.equal(told.length, 51);
    assert.equal(refusals.counters.get("TX_EXPIRED"), 201);
  });
});
