import { parseArgs } from "node:util";
import { Fuzzer } from "./fuzz.ts";
import { targets } from "./targets.ts";

const HELP = `npm run fuzz -- [options]

  --executions N   mutated inputs for each decoder (20,000)
  --only NAMES     comma list of ${Object.keys(targets).join(", ")}
  --seed S         another row of inputs (1)

Every decoder gets mutations of valid samples. It may answer with a value or with a coded fault; a crash,
a slow input, memory without bound, and a value that would be encoded otherwise are problems, and end it
with 1.
`;

const { values } = parseArgs({
  options: {
    executions: { type: "string", default: "20000" },
    only: { type: "string" },
    seed: { type: "string", default: "1" },
    help: { type: "boolean", short: "h", default: false },
  },
});

function fuzz(name: string): number {
  const target = targets[name];
  if (target === undefined) throw new Error(`there is no decoder "${name}"`);
  const report = new Fuzzer(target, Number(values.seed)).run(Number(values.executions));
  const share = ((100 * report.accepted) / report.executions).toFixed(1);
  console.log(
    [
      name.padEnd(22),
      report.executions.toLocaleString("en").padStart(10),
      `${report.perSecond.toLocaleString("en").padStart(9)}/s`,
      `${share.padStart(5)} % accepted`,
      `${report.slowestMs.toFixed(1).padStart(6)} ms at most`,
      `${report.bytesPerExecution.toLocaleString("en").padStart(9)} B`,
    ].join(" "),
  );
  for (const { what, detail, input } of report.problems) {
    console.log(`  ${what}: ${detail}\n    ${input}`);
  }
  return report.problems.length;
}

// A refusal is told by its code; writing down where it was thrown takes longer than most decoders.
Error.stackTraceLimit = 0;

if (values.help) {
  console.log(HELP);
} else {
  const names = values.only?.split(",") ?? Object.keys(targets);
  const problems = names.reduce((sum, name) => sum + fuzz(name), 0);
  process.exitCode = problems > 0 ? 1 : 0;
}
