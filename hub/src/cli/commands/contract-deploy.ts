import { encodeDeployment } from "@gridledger/protocol/contracts/deployment";
import { DEFAULT_GAS_POLICY } from "@gridledger/protocol/contracts/gas-policy";
import { kind } from "@gridledger/protocol/ledger/kinds";
import { Command } from "commander";
import { initCode, parseArguments, readArtifact } from "../contracts/abi-file.ts";
import { failUnlessSuccess } from "../contracts/outcome.ts";
import { sendContractTransaction } from "../contracts/send-transaction.ts";
import { examples } from "../help.ts";
import { connectHub, type HubOptions, withHubOptions } from "../hub/connect.ts";
import { formatTable, printAnswer } from "../output.ts";
import { parseInteger } from "../parse-integer.ts";

interface DeployOptions extends HubOptions {
  readonly key: string;
  readonly contract?: string;
  readonly gas: number;
}

export function contractDeployCommand(): Command {
  return withHubOptions(new Command("deploy"))
    .description("Deploy a contract and wait until it is final")
    .argument("<file>", "a .sol file, or what compile wrote")
    .argument("[arguments...]", "of the constructor: numbers, text, JSON")
    .requiredOption("--key <file>", "key file of an operator or an application")
    .option("--contract <name>", "which one, where the file holds several")
    .option("--gas <limit>", "gas limit", parseInteger, DEFAULT_GAS_POLICY.maxTransactionGas)
    .addHelpText("after", examples("gridledger contract deploy Counter.sol 40 --key app.pem"))
    .action(run);
}

async function run(file: string, args: readonly string[], options: DeployOptions): Promise<void> {
  const artifact = readArtifact(file, options.contract);
  const code = initCode(artifact, parseArguments(args));
  const payload = encodeDeployment({ gasLimit: options.gas, initCode: code });
  const hub = connectHub(options);
  const body = { kind: kind.deployment, payload };
  const receipt = await sendContractTransaction(hub, options.key, body);
  failUnlessSuccess(receipt);
  const { contract, gasUsed, height, hash } = receipt;
  printAnswer(options, { contract, gasUsed, height, transaction: hash }, () =>
    formatTable([
      ["contract", contract ?? ""],
      ["block", String(height)],
      ["transaction", hash],
      ["gas", String(gasUsed)],
    ]),
  );
}
