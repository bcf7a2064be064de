import { parseArgs } from "node:util";
import { mutants } from "./mutants.ts";
import { run, validatorsOf } from "./run.ts";
import { type Broken, hunt, type Sweep, sweep, sweepInJobs } from "./sweep.ts";
import type { Stats } from "./world.ts";

const HELP = `npm run sim -- [options]

  --seeds N        how many seeds to run (1,000)
  --from S         the first seed (0)
  --jobs J         threads that share the seeds (1)
  --validators n   validators (by seed: 4, 5 or 7, at times 10 or 16)
  --hunt N         then run every planted bug on up to N seeds (0)
  --mutant name    run with one planted bug: ${Object.keys(mutants).join(", ")}
  --seed S         run one seed
  --trace          with --seed: print everything that happens

Prints the seeds, the faults by kind and the violations; ends with 1 if there were any, or if a planted
bug was not found.
`;

const { values } = parseArgs({
  options: {
    seeds: { type: "string", default: "1000" },
    from: { type: "string", default: "0" },
    jobs: { type: "string", default: "1" },
    validators: { type: "string" },
    hunt: { type: "string", default: "0" },
    mutant: { type: "string" },
    seed: { type: "string" },
    trace: { type: "boolean", default: false },
    help: { type: "boolean", short: "h", default: false },
  },
});

const chosen = {
  ...(values.validators === undefined ? {} : { validators: Number(values.validators) }),
  ...(values.mutant === undefined ? {} : { mutant: values.mutant }),
};

function tellBroken({ seed, validators, violations }: Broken): void {
  for (const { invariant, detail } of violations) console.log(`${invariant}: ${detail}`);
  console.log(`again: npm run sim -- --seed ${seed} --validators ${validators} --trace`);
}

/** One seed with all its lines; two runs print the same. */
function runOne(seed: number): number {
  const validators = chosen.validators ?? validatorsOf(seed);
  const mutation = chosen.mutant === undefined ? {} : mutants[chosen.mutant];
  const trace = values.trace ? { trace: (line: string) => console.log(line) } : {};
  const outcome = run({ seed, validators, ...mutation, ...trace });
  console.log(`seed ${seed}, ${validators} validators, trace ${outcome.traceHash.toString(16)}`);
  tellStats(outcome.stats);
  const { violations } = outcome;
  if (violations.length > 0) tellBroken({ seed, validators, violations });
  return violations.length > 0 ? 1 : 0;
}

function tellStats(stats: Partial<Stats>): void {
  for (const [name, count] of Object.entries(stats)) {
    console.log(`  ${name.padEnd(16)} ${Math.round(count).toLocaleString("en")}`);
  }
}

function tellSweep({ seeds, virtualMs, stats, broken }: Sweep, seconds: number): void {
  const hours = Math.round(virtualMs / 3_600_000);
  console.log(`${seeds} seeds, ${hours} simulated hours, ${broken.length} with violations`);
  console.log(`${seconds.toFixed(1)} s, ${(seeds / seconds).toFixed(1)} seeds/s`);
  tellStats(stats);
  for (const one of broken.slice(0, 10)) tellBroken(one);
}

/** How many planted bugs were not found. */
function huntAll(from: number, most: number): number {
  const names = Object.keys(mutants);
  const missed = names.filter((name) => {
    const { caught } = hunt(name, from, most);
    const found = caught && `${caught.invariant} after ${caught.seeds} seeds`;
    console.log(`  ${name.padEnd(18)} ${found ?? `not found in ${most} seeds`}`);
    return caught === undefined;
  });
  console.log(`${names.length - missed.length} of ${names.length} planted bugs found`);
  return missed.length;
}

async function main(): Promise<number> {
  if (values.help) {
    console.log(HELP);
    return 0;
  }
  if (values.seed !== undefined) return runOne(Number(values.seed));
  const from = Number(values.from);
  const options = { from, seeds: Number(values.seeds), ...chosen };
  const startedAt = performance.now();
  const jobs = Number(values.jobs);
  const total = jobs > 1 ? await sweepInJobs(options, jobs) : sweep(options);
  tellSweep(total, (performance.now() - startedAt) / 1_000);
  const missed = Number(values.hunt) > 0 ? huntAll(from, Number(values.hunt)) : 0;
  return total.broken.length + missed > 0 ? 1 : 0;
}

process.exitCode = await main();
