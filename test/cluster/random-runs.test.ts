import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { run, validatorsOf } from "./run.ts";
import { QUICK_SEEDS, sweepHolds } from "./sweep-holds.ts";

describe("the cluster under faults", () => {
  it(`keeps every invariant in ${QUICK_SEEDS} seeded runs`, () =>
    sweepHolds({ from: 0, seeds: QUICK_SEEDS }));

  it("replays a seed exactly, line by line, and no two seeds alike", () => {
    const hashes = new Set<number>();
    for (let seed = 0; seed < 20; seed++) {
      const lines: string[][] = [[], []];
      const [first, second] = lines.map((into) =>
        run({ seed, validators: validatorsOf(seed), trace: (line) => into.push(line) }),
      );
      assert.equal(first!.traceHash, second!.traceHash);
      assert.deepEqual(first!.stats, second!.stats);
      assert.deepEqual(lines[0], lines[1]);
      hashes.add(first!.traceHash);
    }
    assert.equal(hashes.size, 20);
  });

  it("tells a run so that a person can follow it", () => {
    const lines: string[] = [];
    run({ seed: 5, validators: 4, trace: (line) => lines.push(line) });
    const text = lines.join("\n");
    for (const word of ["fault: ", "calm weather", "-> PREPARE 1/0", "DECIDED 1", "*** crash"]) {
      assert.ok(text.includes(word), word);
    }
  });

  it("keeps going with 1, 2, 3, 10 and 16 validators", () => {
    for (const [validators, seeds] of [
      [1, 20],
      [2, 20],
      [3, 20],
      [10, 4],
      [16, 2],
    ] as const) {
      for (let seed = 0; seed < seeds; seed++) {
        const { violations } = run({ seed, validators });
        assert.deepEqual(violations, [], `seed ${seed} of ${validators} validators`);
      }
    }
  });
});
