import { parseArgs } from "node:util";
import { mutants } from "./mutants.ts";
import { run } from "./run.ts";
import type { Stats } from "./world.ts";

const HELP = `npm run sim -- [options]

  --seeds N        how many seeds to run (1,000)
  --from S         the first seed (0)
  --validators n   validators (a mix of 4, 4, 5, 7 by seed)
  --mutant name    run with a planted bug: ${Object.keys(mutants).join(", ")}
  --trace          print everything that happens; for one seed

Ends with 1 at the first seed that breaks an invariant and says how to see it again.
`;

function main(): number {
  const { values } = parseArgs({
    options: {
      seeds: { type: "string", default: "1000" },
      from: { type: "string", default: "0" },
      validators: { type: "string" },
      mutant: { type: "string" },
      trace: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const from = Number(values.from);
  const seeds = Number(values.seeds);
  const total = new Map<keyof Stats, number>();
  const startedAt = performance.now();
  let virtualMs = 0;
  for (let seed = from; seed < from + seeds; seed++) {
    const validators = Number(values.validators ?? validatorsOf(seed));
    const outcome = run({
      seed,
      validators,
      ...(values.mutant === undefined ? {} : mutants[values.mutant]),
      ...(values.trace ? { trace: (line: string) => process.stdout.write(`${line}\n`) } : {}),
    });
    virtualMs += outcome.virtualMs;
    for (const [name, count] of Object.entries(outcome.stats) as [keyof Stats, number][]) {
      total.set(name, (total.get(name) ?? 0) + count);
    }
    if (outcome.violations.length > 0) {
      for (const { invariant, detail } of outcome.violations)
        console.log(`${invariant}: ${detail}`);
      console.log(
        `again: npm run sim -- --seeds 1 --from ${seed} --validators ${validators} --trace`,
      );
      return 1;
    }
  }
  const seconds = (performance.now() - startedAt) / 1_000;
  console.log(`${seeds} seeds, ${Math.round(virtualMs / 3_600_000)} simulated hours, no violation`);
  console.log(`${seconds.toFixed(1)} s, ${(seeds / seconds).toFixed(0)} seeds/s`);
  for (const [name, count] of total)
    console.log(`  ${name.padEnd(14)} ${count.toLocaleString("en")}`);
  return 0;
}

function validatorsOf(seed: number): number {
  return [4, 4, 5, 7][seed % 4] ?? 4;
}

process.exitCode = main();
