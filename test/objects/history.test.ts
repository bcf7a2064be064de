import assert from "node:assert/strict";
import { afterEach, describe, test } from "node:test";
import { coverageOf, usualIntervalMs } from "@gridledger/protocol/metering/coverage";
import { findingsOf } from "@gridledger/protocol/metering/findings";
import type { ReadingBatch } from "@gridledger/protocol/metering/reading-batch";
import fc from "fast-check";
import { call } from "../hub/call.ts";
import { type Rig, startRig } from "../hub/rig.ts";
import { ChainBuilder } from "../support/chain-builder.ts";

const STEP = 900_000;
const T0 = 1_700_000_100_000 - (1_700_000_100_000 % STEP);
const BLOCK_MS = T0 + 10 * STEP;

function batchOf(values: readonly (number | null)[], change: Partial<ReadingBatch> = {}) {
  return {
    ...{ meter: "M1", sequence: 1, previousHash: new Uint8Array(32) },
    timesMs: values.map((_, i) => T0 + i * STEP),
    registers: [{ obis: "1-0:1.8.0", unit: "Wh", scaler: 0, values }],
    ...change,
  };
}

function kindsOf(batch: ReadingBatch, previous?: ReadingBatch, blockTimeMs = BLOCK_MS): string[] {
  const context = { previous, blockTimeMs, usualIntervalMs: STEP };
  return findingsOf(batch, context).map(({ kind }) => kind);
}

describe("the intervals of a period", () => {
  test("are present or missing, each once", () => {
    const slots = fc.uniqueArray(fc.integer({ min: 0, max: 40 }), { maxLength: 41 });
    fc.assert(
      fc.property(slots, (present) => {
        const period = { fromMs: T0, toMs: T0 + 40 * STEP, intervalMs: STEP };
        const found = coverageOf(
          present.map((slot) => T0 + slot * STEP + 3_000),
          period,
        );
        const missing = found.missing.reduce((sum, { intervals }) => sum + intervals, 0);
        assert.equal(found.expected, 41);
        assert.equal(found.present, present.length);
        assert.equal(found.present + missing, 41);
        for (const { fromMs, toMs } of found.missing) {
          for (let at = fromMs; at <= toMs; at += STEP) {
            assert.ok(!present.includes((at - T0) / STEP));
          }
        }
      }),
    );
  });

  test("are as long as most of them", () => {
    assert.equal(usualIntervalMs([0, 900, 1_800, 5_000, 5_900]), 900);
    assert.equal(usualIntervalMs([5]), undefined);
  });
});

describe("readings that want a second look are named and left as they are", () => {
  test("a register that runs backwards, within a batch and from one to the next", () => {
    assert.deepEqual(kindsOf(batchOf([1_000, 990, 1_010])), ["backwards"]);
    assert.deepEqual(kindsOf(batchOf([990]), batchOf([1_000])), ["backwards"]);
    assert.deepEqual(kindsOf(batchOf([1_000]), batchOf([1_000])), []);
    const power = { obis: "1-0:1.7.0", unit: "W", scaler: 0, values: [5, 3] };
    assert.deepEqual(kindsOf(batchOf([1, 2], { registers: [power] })), []);
  });

  test("a meter that was swapped for one that has just begun", () => {
    assert.deepEqual(kindsOf(batchOf([7_000_000, 12])), ["swapped"]);
  });

  test("values that mean none", () => {
    const values = [5, 4_294_967_295, 99_999_999, 6];
    assert.deepEqual(kindsOf(batchOf(values)), ["sentinel", "sentinel"]);
  });

  test("clocks that are wrong, readings that are late, gaps, and the same said twice", () => {
    assert.deepEqual(kindsOf(batchOf([1]), undefined, T0 - 1), ["clock-ahead"]);
    assert.deepEqual(kindsOf(batchOf([1]), undefined, T0 + 86_400_001), ["late"]);
    assert.deepEqual(kindsOf(batchOf([1, 2], { timesMs: [T0, T0 + 2 * STEP] })), ["gap"]);
    assert.deepEqual(kindsOf(batchOf([1, 1], { timesMs: [T0, T0 + 5_000] })), ["duplicate"]);
    assert.deepEqual(kindsOf(batchOf([1, 2], { timesMs: [T0, T0 + 5_000] })), []);
  });

  test("in the same unit where the scaler changes", () => {
    const before = batchOf([5_000]);
    const scaled = { obis: "1-0:1.8.0", unit: "Wh", scaler: 3, values: [4] };
    assert.deepEqual(kindsOf(batchOf([0], { registers: [scaled] }), before), ["backwards"]);
  });
});

describe("completeness over REST", () => {
  let rig: Rig | undefined;
  afterEach(async () => {
    await rig?.stop();
    rig = undefined;
  });

  test("says which intervals are missing, and by which unbroken run of batches it knows", async () => {
    const builder = new ChainBuilder();
    rig = await startRig(builder);
    const [device] = builder.devices;
    const times = (...slots: number[]) => slots.map((slot) => T0 + slot * STEP);
    for (const [slots, values] of [
      [times(0, 1, 2), [10, 20, 30]],
      [times(3, 6), [40, 35]],
      [times(7, 8), [50, 60]],
      [times(12), [70]],
    ] as const) {
      rig.carry(builder.add([builder.batch(device!, { meter: "M1", timesMs: slots, values })]));
    }
    await rig.indexed(4);
    const path = `/api/v1/meters/M1/completeness?from=${T0 + 2 * STEP}&to=${T0 + 8 * STEP}`;
    const { json } = await call(rig, path);
    assert.deepEqual([json.intervalMs, json.expected, json.present], [STEP, 7, 5]);
    assert.deepEqual(json.missing, [{ fromMs: T0 + 4 * STEP, toMs: T0 + 5 * STEP, intervals: 2 }]);
    const sequences = json.batches.map(({ sequence }: { sequence: number }) => sequence);
    assert.deepEqual(sequences, [1, 2, 3, 4]);
    const findings = json.findings.map((one: { kind: string; height: number }) => [
      one.kind,
      one.height,
    ]);
    assert.ok(findings.some(([kind, height]: unknown[]) => kind === "gap" && height === 2));
    assert.ok(findings.some(([kind, height]: unknown[]) => kind === "backwards" && height === 2));
    assert.equal((await call(rig, "/api/v1/meters/M2/completeness")).status, 404);
    const turned = `/api/v1/meters/M1/completeness?from=${T0 + 1}&to=${T0}`;
    assert.equal((await call(rig, turned)).json.code, "REQUEST_INVALID");
  });
});
