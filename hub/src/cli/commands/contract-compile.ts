import { Command } from "commander";
import { compileArtifact, writeArtifact } from "../contracts/abi-file.ts";
import { examples } from "../help.ts";
import { printAnswer } from "../output.ts";

interface CompileOptions {
  readonly contract?: string;
  readonly out?: string;
  readonly json?: boolean;
}

export function contractCompileCommand(): Command {
  return new Command("compile")
    .description("Compile a Solidity file; no network is needed")
    .argument("<file>", "the .sol file; imports are found beside it or among the packages")
    .option("--contract <name>", "which one, where the file holds several (default: the last)")
    .option("--out <file>", "where ABI and bytecode go (default: <contract>.json)")
    .option("--json", "print JSON")
    .addHelpText("after", examples("gridledger contract compile Counter.sol --out counter.json"))
    .action(run);
}

function run(file: string, options: CompileOptions): void {
  const artifact = compileArtifact(file, options.contract);
  const out = options.out ?? `${artifact.contractName}.json`;
  writeArtifact(out, artifact);
  const bytes = (artifact.bytecode.length - 2) / 2;
  printAnswer(options, { out, contract: artifact.contractName, bytes }, () => [
    `${out}: ${artifact.contractName}, ${bytes} bytes`,
  ]);
}
