import { Command } from "commander";
import { replaceFile } from "../../files.ts";
import { examples } from "../../help.ts";
import { connectHub, type HubOptions, withHubOptions } from "../../hub/connect.ts";
import { printAnswer } from "../../output.ts";
import { parseInteger } from "../../parse-integer.ts";

interface BundleOptions extends HubOptions {
  readonly output: string;
  readonly chunk?: number;
}

export function objectBundleCommand(): Command {
  return withHubOptions(new Command("bundle"))
    .description("Fetch an object with all that proves it, in one file for `verify`")
    .argument("<object>", "its root, its transaction, or height.index")
    .option("--chunk <number>", "only this chunk of its bytes", parseInteger)
    .option("-o, --output <file>", "where the bundle goes", "evidence.json")
    .addHelpText(
      "after",
      examples(
        "gridledger object bundle 12.0 -o evidence.json",
        "gridledger verify evidence.json --genesis genesis.cbor",
      ),
    )
    .action(run);
}

async function run(name: string, { output, chunk, ...options }: BundleOptions): Promise<void> {
  const query = chunk === undefined ? {} : { chunk };
  const bundle = await connectHub(options).call("objectBundle", {
    ...{ params: { object: name }, query },
  });
  replaceFile(output, `${JSON.stringify(bundle, null, 2)}\n`, 0o644);
  printAnswer(options, { file: output, chainId: bundle.chainId }, () => [
    `Evidence written to ${output}.`,
    `Check it offline: gridledger verify ${output} --genesis genesis.cbor`,
  ]);
}
