import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { daysOf } from "../../dashboard/src/day-strip.ts";

const MINUTE_MS = 60_000;
const start = new Date(2026, 4, 1).getTime();
const at = (hours: number) => start + hours * 60 * MINUTE_MS;

describe("a meter's record by the day", () => {
  const record = {
    ...{ fromMs: at(12), toMs: at(36) - 1, intervalMs: 15 * MINUTE_MS },
    missing: [{ fromMs: at(23), toMs: at(25) }],
    oddMs: [at(30)],
    correctedMs: [at(14)],
  };

  test("counts a hole on each day that it lies in, the newest day first", () => {
    const days = daysOf(record);
    assert.deepEqual(
      days.map(({ startMs, expected, missing }) => [startMs, expected, missing]),
      [
        [at(24), 48, 4],
        [at(0), 48, 4],
      ],
    );
  });

  test("fills the day with stretches, and what lies outside of the record is none", () => {
    const [second, first] = daysOf(record);
    const states = (day = first) => day!.stretches.map(({ state }) => state).join(" ");
    assert.equal(states(), "outside present corrected present missing");
    assert.equal(states(second), "missing present odd present outside");
    const sum = first!.stretches.reduce((all, { share }) => all + share, 0);
    assert.ok(Math.abs(sum - 1) < 1e-9);
  });

  test("never loses a short hole in a wide cell", () => {
    const short = { fromMs: at(13), toMs: at(13) + MINUTE_MS };
    const days = daysOf({ ...record, intervalMs: MINUTE_MS, missing: [short], oddMs: [] });
    assert.equal(days.at(-1)!.missing, 1);
    assert.ok(days.at(-1)!.stretches.some(({ state }) => state === "missing"));
  });
});
