import assert from "node:assert/strict";
import { beforeEach, describe, it, mock } from "node:test";
import { WorkClock } from "../../edge-node/src/engine/work-clock.ts";

describe("work clock", () => {
  const policy = {
    minBlockIntervalMs: 0,
    maxBatchDelayMs: 1_000,
    maxBlockBytes: 1_000,
    maxBlockTransactions: 10,
    maxTransactionBytes: 100,
  };
  let pool = { size: 0, bytes: 0, hasWork: false, workSinceMs: undefined as number | undefined };
  let due = 0;
  let clock: WorkClock;

  const fill = (size: number) => {
    pool = { size, bytes: size, hasWork: size > 0, workSinceMs: size > 0 ? Date.now() : undefined };
  };

  beforeEach(() => {
    mock.timers.reset();
    mock.timers.enable({ apis: ["setTimeout", "Date"], now: 1_000_000 });
    due = 0;
    fill(0);
    clock = new WorkClock({
      policy,
      pool: {
        get size() {
          return pool.size;
        },
        get bytes() {
          return pool.bytes;
        },
        get hasWork() {
          return pool.hasWork;
        },
        get workSinceMs() {
          return pool.workSinceMs;
        },
      },
      clock: Date.now,
      onDue: () => due++,
    });
  });

  it("an idle pool wants nothing", () => {
    clock.onNewHeight();
    clock.onAdmitted();
    mock.timers.tick(60_000);
    assert.equal(due, 0);
  });

  it("a transaction waits for the batch delay, a full batch for nothing", () => {
    fill(1);
    clock.onAdmitted();
    mock.timers.tick(999);
    assert.equal(due, 0);
    mock.timers.tick(1);
    assert.equal(due, 1);
    clock.onNewHeight();
    fill(10);
    clock.onAdmitted();
    assert.equal(due, 2);
  });

  it("a batch that fills while a block is waited for is due at the next reminder, and more of it changes nothing", () => {
    fill(10);
    clock.onAdmitted();
    assert.equal(due, 1);
    mock.timers.tick(50);
    fill(1);
    clock.onAdmitted(); // has its own delay of a second
    for (const size of [10, 11, 12]) {
      fill(size);
      clock.onAdmitted();
    }
    mock.timers.tick(49);
    assert.equal(due, 1);
    mock.timers.tick(1);
    assert.equal(due, 2);
  });

  it("a transaction that comes right after a due block is not forgotten", () => {
    fill(10);
    clock.onAdmitted();
    assert.equal(due, 1);
    fill(10);
    clock.onAdmitted();
    assert.equal(due, 1, "said a moment ago");
    mock.timers.tick(100);
    assert.equal(due, 2);
  });

  it("a transaction that comes right after a new height has its own delay", () => {
    fill(10);
    clock.onAdmitted();
    fill(0);
    clock.onNewHeight();
    fill(1);
    clock.onAdmitted();
    mock.timers.tick(1_000);
    assert.equal(due, 2);
  });

  it("when the due block could not be built the next transaction starts anew", () => {
    fill(1);
    clock.onAdmitted();
    mock.timers.tick(1_000);
    fill(0);
    mock.timers.tick(5_000);
    fill(1);
    clock.onAdmitted();
    mock.timers.tick(1_000);
    assert.equal(due, 2);
  });

  it("what is left over after a block is due at once when it has waited", () => {
    fill(1);
    mock.timers.tick(1_500);
    clock.onNewHeight();
    assert.equal(due, 1);
  });
});
