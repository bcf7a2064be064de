import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { run, validatorsOf } from "./run.ts";
import { type Broken, sweepInJobs } from "./sweep.ts";
import type { Stats } from "./world.ts";

const SEEDS = 2_000;
const JOBS = 2;

function explain({ seed, validators, violations }: Broken): string {
  const found = violations.map(({ invariant, detail }) => `${invariant}: ${detail}`).join("\n");
  return `${found}\nnpm run sim -- --seed ${seed} --validators ${validators} --trace`;
}

/** What each run does at least on average; a simulator that injects nothing would find nothing. */
const injected: Partial<Stats> = {
  crashes: 3,
  partitions: 1,
  equivocations: 10,
  tornOrLost: 0.3,
  powerLosses: 0.3,
  diskFailures: 0.1,
  lyingDisks: 0.1,
  clockJumps: 0.3,
  replayedOld: 3,
  forged: 1,
  certificates: 1,
  changesMade: 0.1,
  storms: 0.01,
  cores: 0.03,
  evidence: 0.5,
  unjustified: 0.3,
  lateVotes: 0.3,
  blocks: 4,
};

describe("the cluster under faults", () => {
  it(`keeps every invariant in ${SEEDS} seeded runs`, async () => {
    const { seeds, stats, broken } = await sweepInJobs({ from: 0, seeds: SEEDS }, JOBS);
    assert.deepEqual(broken.map(explain), []);
    assert.equal(seeds, SEEDS);
    for (const [name, least] of Object.entries(injected) as [keyof Stats, number][]) {
      assert.ok((stats[name] ?? 0) >= least * SEEDS, `${name}: only ${stats[name]}`);
    }
  });

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
