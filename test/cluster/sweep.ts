import { Worker } from "node:worker_threads";
import type { Violation } from "./invariants.ts";
import { mutants } from "./mutants.ts";
import { run, validatorsOf } from "./run.ts";
import type { Stats } from "./world.ts";

export interface Broken {
  readonly seed: number;
  readonly validators: number;
  readonly violations: readonly Violation[];
}

/** What a row of seeds did together. */
export interface Sweep {
  readonly seeds: number;
  readonly virtualMs: number;
  readonly stats: Partial<Stats>;
  readonly broken: readonly Broken[];
}

export interface SweepOptions {
  readonly from: number;
  readonly seeds: number;
  readonly validators?: number;
  readonly mutant?: string;
  /** Stop at the first seed that breaks an invariant. */
  readonly stops?: boolean;
}

const NOTHING: Sweep = { seeds: 0, virtualMs: 0, stats: {}, broken: [] };

export function sweep({ from, seeds, validators, mutant, stops = false }: SweepOptions): Sweep {
  let total = NOTHING;
  for (let seed = from; seed < from + seeds; seed++) {
    const n = validators ?? validatorsOf(seed);
    const mutation = mutant === undefined ? {} : mutants[mutant];
    const { violations, stats, virtualMs } = run({ seed, validators: n, ...mutation });
    const broken = violations.length > 0 ? [{ seed, validators: n, violations }] : [];
    total = add(total, { seeds: 1, virtualMs, stats, broken });
    if (stops && broken.length > 0) break;
  }
  return total;
}

function add(a: Sweep, b: Sweep): Sweep {
  const stats: Partial<Stats> = { ...a.stats };
  for (const [name, count] of Object.entries(b.stats) as [keyof Stats, number][]) {
    stats[name] = (stats[name] ?? 0) + count;
  }
  return {
    seeds: a.seeds + b.seeds,
    virtualMs: a.virtualMs + b.virtualMs,
    stats,
    broken: [...a.broken, ...b.broken],
  };
}

/** The same in several threads, each with its share of the seeds. */
export async function sweepInJobs(options: SweepOptions, jobs: number): Promise<Sweep> {
  const share = Math.ceil(options.seeds / jobs);
  const parts = Array.from({ length: jobs }, (_, job) => {
    const from = options.from + job * share;
    return { from, seeds: Math.max(0, Math.min(share, options.from + options.seeds - from)) };
  });
  const sweeps = await Promise.all(parts.map((part) => sweepInThread({ ...options, ...part })));
  return sweeps.reduce(add, NOTHING);
}

function sweepInThread(options: SweepOptions): Promise<Sweep> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL("sweep-thread.mjs", import.meta.url), {
      workerData: options,
    });
    worker.once("message", resolve);
    worker.once("error", reject);
  });
}

export interface Hunt {
  readonly mutant: string;
  /** How many seeds it took, and what was broken then; undefined when nothing was. */
  readonly caught: { readonly seeds: number; readonly invariant: string } | undefined;
}

/** Runs a planted bug until it is found. */
export function hunt(mutant: string, from: number, most: number): Hunt {
  const { seeds, broken } = sweep({ from, seeds: most, mutant, stops: true });
  const violation = broken[0]?.violations[0];
  return { mutant, caught: violation && { seeds, invariant: violation.invariant } };
}
