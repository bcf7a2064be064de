import assert from "node:assert/strict";
import { type Broken, type SweepOptions, sweepInJobs } from "./sweep.ts";
import type { Stats } from "./world.ts";

/** The seeds of every `npm test`; those behind them up to ALL_SEEDS run with the slow tests. */
export const QUICK_SEEDS = 500;
export const ALL_SEEDS = 2_000;
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

/** Every invariant holds in each run, and the runs did what they are for. */
export async function sweepHolds(options: SweepOptions): Promise<void> {
  const { seeds, stats, broken } = await sweepInJobs(options, JOBS);
  assert.deepEqual(broken.map(explain), []);
  assert.equal(seeds, options.seeds);
  for (const [name, least] of Object.entries(injected) as [keyof Stats, number][]) {
    assert.ok((stats[name] ?? 0) >= least * seeds, `${name}: only ${stats[name]}`);
  }
}
