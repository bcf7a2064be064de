import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { mutants } from "./mutants.ts";
import { type Outcome, run } from "./run.ts";

const SEEDS = 2_000;
const validatorsOf = (seed: number) => [4, 4, 5, 7][seed % 4] ?? 4;

function explain(seed: number, { violations }: Outcome): string {
  const found = violations.map(({ invariant, detail }) => `${invariant}: ${detail}`).join("\n");
  const again = `npm run sim -- --seeds 1 --from ${seed} --validators ${validatorsOf(seed)} --trace`;
  return `${found}\n${again}`;
}

describe("the cluster under faults", () => {
  it(`keeps every invariant in ${SEEDS} seeded runs`, () => {
    const total = {
      crashes: 0,
      partitions: 0,
      equivocations: 0,
      tornOrLost: 0,
      evidence: 0,
      blocks: 0,
    };
    for (let seed = 0; seed < SEEDS; seed++) {
      const outcome = run({ seed, validators: validatorsOf(seed) });
      assert.equal(outcome.violations.length, 0, explain(seed, outcome));
      for (const name of Object.keys(total) as (keyof typeof total)[]) {
        total[name] += outcome.stats[name];
      }
    }
    // A simulator that injects nothing would pass as well.
    assert.ok(total.crashes > SEEDS, "crashes");
    assert.ok(total.partitions > SEEDS, "partitions");
    assert.ok(total.equivocations > 10 * SEEDS, "equivocations");
    assert.ok(total.tornOrLost > SEEDS / 10, "torn or lost writes");
    assert.ok(total.evidence > SEEDS / 4, "evidence");
    assert.ok(total.blocks > 4 * SEEDS, "blocks");
  });

  it("replays a seed exactly, and no two seeds alike", () => {
    const hashes = new Set<number>();
    for (let seed = 0; seed < 20; seed++) {
      const first = run({ seed, validators: validatorsOf(seed) });
      const second = run({ seed, validators: validatorsOf(seed) });
      assert.equal(first.traceHash, second.traceHash);
      assert.deepEqual(first.stats, second.stats);
      hashes.add(first.traceHash);
    }
    assert.equal(hashes.size, 20);
  });

  it("keeps going with 1, 2, 3, 10 and 16 validators", () => {
    for (const [validators, seeds] of [
      [1, 20],
      [2, 20],
      [3, 20],
      [10, 10],
      [16, 4],
    ] as const) {
      for (let seed = 0; seed < seeds; seed++) {
        const { violations } = run({ seed, validators });
        assert.deepEqual(violations, [], `seed ${seed} of ${validators} validators`);
      }
    }
  });
});

/** Where the plain network hides a bug, a scenario of its own shows it: see outages.test.ts. */
const needsScenario = new Set(["never-jumps", "runs-ahead"]);

describe("planted bugs", () => {
  for (const [name, mutation] of Object.entries(mutants)) {
    if (needsScenario.has(name)) continue;
    it(`"${name}" is found within 100 seeds`, () => {
      let seed = 0;
      while (seed < 100) {
        const { violations } = run({ seed, validators: validatorsOf(seed), ...mutation });
        if (violations.length > 0) return;
        seed++;
      }
      assert.fail("not found");
    });
  }
});
