import { statSync } from "node:fs";
import { join, resolve } from "node:path";
import { Fault } from "@gridledger/protocol/faults";
import { Command } from "commander";
import { replaceFile } from "../files.ts";
import { examples } from "../help.ts";
import { printAnswer } from "../output.ts";

interface ReleaseOptions {
  readonly home: string;
  readonly reason: string;
  readonly json?: boolean;
}

export function validatorReleaseCommand(): Command {
  return new Command("release")
    .description(
      "Let a validator sign again that has lost its log, on the operator's responsibility",
    )
    .requiredOption("--home <dir>", "the validator's own home, with its chain.sqlite")
    .requiredOption("--reason <text>", "why nothing signed can have been forgotten; it is logged")
    .option("--json", "print JSON")
    .addHelpText(
      "after",
      examples(
        'gridledger validator release --home .gridledger/validator-2 --reason "the log was moved by hand"',
      ),
    )
    .action(run);
}

function run(options: ReleaseOptions): void {
  const home = resolve(options.home);
  const reason = options.reason.trim();
  if (reason === "") throw new Fault("USAGE_INVALID", "--reason must say why");
  if (!statSync(join(home, "chain.sqlite"), { throwIfNoEntry: false })?.isFile()) {
    throw new Fault("FILE_UNREADABLE", `${home} is no validator's home: it has no chain.sqlite`);
  }
  const file = join(home, "release.json");
  replaceFile(file, `${JSON.stringify({ reason, atMs: Date.now() })}\n`);
  printAnswer(options, { file, reason }, () => [
    `Wrote ${file}. A validator that runs there takes it within seconds; its log says so.`,
  ]);
}
