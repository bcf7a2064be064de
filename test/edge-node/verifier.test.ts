import assert from "node:assert/strict";
import { describe, it, mock } from "node:test";
import { suiteByName } from "@gridledger/protocol/crypto/suites";
import { kind } from "@gridledger/protocol/ledger/kinds";
import {
  decodeTransaction,
  signTransaction,
  verifyTransaction,
} from "@gridledger/protocol/ledger/transaction";
import fc from "fast-check";
import type { SignatureCheck } from "../../edge-node/src/chain/signature-verifier.ts";
import { packChecks, verifyPacked } from "../../edge-node/src/verifier/packed-checks.ts";
import {
  type ThreadEvents,
  VerifierPool,
  type VerifierThread,
} from "../../edge-node/src/verifier/verifier-pool.ts";
import { startWorkerThread, threadsFor } from "../../edge-node/src/verifier/worker-thread.ts";
import { Meter, network } from "./support.ts";

const { chain, devices } = network();
const [device, other] = devices as [(typeof devices)[0], (typeof devices)[0]];
const quiet = { warn() {} };

function signed(count: number): SignatureCheck[] {
  const meter = new Meter(chain, device, "m");
  const { publicKey } = device.signer;
  return Array.from({ length: count }, () => ({ encoded: meter.next(), publicKey }));
}

function spoiled(bytes: Uint8Array, at = bytes.length - 2): Uint8Array {
  const copy = Uint8Array.from(bytes);
  copy[at]! ^= 1;
  return copy;
}

describe("signatures on other threads", () => {
  for (const name of ["international", "sm"]) {
    it(`a packed check has the answer that verifying in place has (${name})`, () => {
      const suite = suiteByName(name);
      const chainId = suite.hash(Uint8Array.of(1));
      const signers = [0, 1].map(() => suite.signer(suite.generateKey()));
      const inPlace = ({ encoded, publicKey }: SignatureCheck) => {
        try {
          return verifyTransaction(suite, publicKey, chainId, decodeTransaction(suite, encoded));
        } catch {
          return false;
        }
      };
      const check = fc
        .record({
          payload: fc.uint8Array({ minLength: 1, maxLength: 20 }),
          signer: fc.nat(1),
          key: fc.nat(1),
          context: fc.constantFrom(chainId, suite.hash(Uint8Array.of(2))),
          damage: fc.option(fc.nat(10_000)),
          length: fc.option(fc.nat(200)),
        })
        .map(({ payload, signer, key, context, damage, length }): SignatureCheck => {
          const body = { kind: kind.readings, validUntilHeight: 9, nonce: payload.slice(0, 4) };
          const item = Uint8Array.of(0x40 + payload.length, ...payload);
          const whole = signTransaction(suite, signers[signer]!, context, {
            ...body,
            payload: item,
          });
          const hurt = damage === null ? whole : spoiled(whole, damage % whole.length);
          const encoded = length === null ? hurt : hurt.subarray(0, length);
          return { encoded, publicKey: signers[key]!.publicKey };
        });
      const runs = { numRuns: name === "sm" ? 25 : 60 };
      fc.assert(
        fc.property(fc.array(check, { maxLength: 6 }), (checks) => {
          const verdicts = verifyPacked(suite, chainId, packChecks(checks));
          assert.deepEqual([...verdicts], checks.map(inPlace).map(Number));
        }),
        runs,
      );
    });
  }

  it("a real thread answers in order and ends when it is not wanted", async () => {
    const pool = new VerifierPool(
      { start: (events) => startWorkerThread(chain, events), log: quiet },
      { threads: 1, maxWaiting: 8 },
    );
    const good = signed(3);
    const forged = good.map((check) => ({ ...check, encoded: spoiled(check.encoded) }));
    const foreign = good.map((check) => ({ ...check, publicKey: other.signer.publicKey }));
    const badKey = { ...good[0]!, publicKey: new Uint8Array(33) };
    const answers = await Promise.all([
      pool.verify(good),
      pool.verify(forged),
      pool.verify([good[0]!, foreign[1]!, badKey, good[2]!]),
    ]);
    assert.deepEqual(
      answers.map((answer) => [...answer]),
      [
        [1, 1, 1],
        [0, 0, 0],
        [1, 0, 0, 1],
      ],
    );
    assert.equal(pool.size, 1);
    pool.stop();
    assert.equal(pool.size, 0);
    assert.deepEqual([...(await pool.verify(good))], [1, 1, 1]);
    pool.stop();
  });

  it("a suite from a package is verified in place; the operator says how many threads there are", () => {
    const outside = { ...chain, suite: { ...chain.suite, id: 300 } };
    assert.equal(threadsFor(outside, 4), 0);
    assert.equal(threadsFor(chain, 4), 4);
    assert.ok(threadsFor(chain, undefined) <= 2);
  });
});

/** Threads that answer when the test says so. */
class Threads {
  readonly started: { events: ThreadEvents; posted: Uint8Array[]; isStopped: boolean }[] = [];
  readonly start = (events: ThreadEvents): VerifierThread => {
    const thread = { events, posted: [] as Uint8Array[], isStopped: false };
    this.started.push(thread);
    return {
      post: (packed) => void thread.posted.push(packed),
      stop() {
        thread.isStopped = true;
      },
    };
  };

  /** The thread answers its oldest chunk rightly. */
  answer(thread: number): void {
    const { events, posted } = this.started[thread]!;
    events.onVerdicts(verifyPacked(chain.suite, chain.chainId, posted.shift()!));
  }

  pool(options: { threads: number; maxWaiting: number }): VerifierPool {
    return new VerifierPool({ start: this.start, log: quiet }, options);
  }
}

describe("the verifier's threads", () => {
  const checks = signed(2);

  it("one starts when there is work, another when it has something in hand, never more", () => {
    const threads = new Threads();
    const pool = threads.pool({ threads: 2, maxWaiting: 8 });
    assert.equal(threads.started.length, 0);
    for (let i = 0; i < 7; i++) void pool.verify(checks);
    assert.equal(threads.started.length, 2);
    assert.deepEqual(
      threads.started.map(({ posted }) => posted.length),
      [2, 2],
    );
  });

  it("what there is no room for is answered at once with: nobody has looked", async () => {
    const threads = new Threads();
    const pool = threads.pool({ threads: 1, maxWaiting: 1 });
    const first = [pool.verify(checks), pool.verify(checks), pool.verify(checks)];
    assert.deepEqual([...(await pool.verify(checks))], [0, 0]);
    for (const _ of first) threads.answer(0);
    for (const answer of first) assert.deepEqual([...(await answer)], [1, 1]);
    const none = new Threads().pool({ threads: 0, maxWaiting: 8 });
    assert.deepEqual([...(await none.verify(checks))], [0, 0]);
  });

  it("a dead thread's work comes back unseen, what waits goes to the next thread", async () => {
    const threads = new Threads();
    const pool = threads.pool({ threads: 1, maxWaiting: 8 });
    const answers = [pool.verify(checks), pool.verify(checks), pool.verify(checks)];
    threads.started[0]!.events.onGone("killed");
    threads.started[0]!.events.onGone("told twice");
    // A late answer of a thread that was given up is nobody's.
    threads.answer(0);
    assert.equal(threads.started.length, 2);
    threads.answer(1);
    const all = await Promise.all(answers);
    assert.deepEqual(
      all.map((answer) => [...answer]),
      [
        [0, 0],
        [0, 0],
        [1, 1],
      ],
    );
  });

  it("an answer of another length ends the thread and is not used", async () => {
    const threads = new Threads();
    const pool = threads.pool({ threads: 1, maxWaiting: 8 });
    const answer = pool.verify(checks);
    threads.started[0]!.events.onVerdicts(Uint8Array.of(1));
    assert.deepEqual([...(await answer)], [0, 0]);
    assert.equal(threads.started[0]!.isStopped, true);
  });

  it("threads that only die are not started for ever", async () => {
    const threads = new Threads();
    const pool = threads.pool({ threads: 1, maxWaiting: 8 });
    for (let i = 0; i < 9; i++) {
      const answer = pool.verify(checks);
      threads.started.at(-1)!.events.onGone("no such file");
      assert.deepEqual([...(await answer)], [0, 0]);
    }
    assert.equal(threads.started.length, 3);
  });

  it("a silent thread is given up; one without work ends", async () => {
    mock.timers.enable({ apis: ["setTimeout"] });
    try {
      const threads = new Threads();
      const pool = threads.pool({ threads: 1, maxWaiting: 8 });
      const silent = pool.verify(checks);
      mock.timers.tick(10_000);
      assert.deepEqual([...(await silent)], [0, 0]);
      assert.equal(threads.started[0]!.isStopped, true);
      const next = pool.verify(checks);
      threads.answer(1);
      assert.deepEqual([...(await next)], [1, 1]);
      mock.timers.tick(2_000);
      assert.equal(threads.started[1]!.isStopped, true);
      assert.equal(pool.size, 0);
    } finally {
      mock.timers.reset();
    }
  });

  it("when it stops nobody waits for an answer", async () => {
    const threads = new Threads();
    const pool = threads.pool({ threads: 1, maxWaiting: 8 });
    const answers = [pool.verify(checks), pool.verify(checks), pool.verify(checks)];
    pool.stop();
    for (const answer of answers) assert.deepEqual([...(await answer)], [0, 0]);
    assert.equal(threads.started[0]!.isStopped, true);
  });
});
