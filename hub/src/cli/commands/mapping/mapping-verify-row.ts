import { Command } from "commander";
import { CommandFailure } from "../../errors.ts";
import { exitCode } from "../../exit-codes.ts";
import { replaceFile } from "../../files.ts";
import { examples } from "../../help.ts";
import { connectHub, type HubOptions, withHubOptions } from "../../hub/connect.ts";
import { printAnswer } from "../../output.ts";

interface VerifyRowOptions extends HubOptions {
  readonly out?: string;
  readonly columns?: string;
}

export function mappingVerifyRowCommand(): Command {
  return withHubOptions(new Command("verify-row"))
    .description(
      "Whether a row is as it was anchored; with --out, its proof for `gridledger verify`",
    )
    .argument("<name>", "its name or id")
    .argument("<key>", "the row's key; of several columns as a JSON list")
    .option("--out <file>", "write the row's proof there")
    .option("--columns <columns>", "show these columns alone, with commas between them")
    .addHelpText("after", examples("gridledger mapping verify-row bills 4711 --out row.json"))
    .action(run);
}

async function run(id: string, key: string, options: VerifyRowOptions): Promise<void> {
  const hub = connectHub(options);
  const params = { id, key };
  const answer = await hub.call("row", { params });
  if (answer.state !== "sound") {
    const text = `row ${answer.key} is ${answer.state}`;
    const shown = options.json === true ? JSON.stringify(answer) : text;
    throw new CommandFailure(exitCode.notVerified, shown);
  }
  if (options.out !== undefined) {
    const query = options.columns === undefined ? {} : { columns: options.columns };
    const proof = await hub.call("rowProof", { params, query });
    replaceFile(options.out, `${JSON.stringify(proof, null, 2)}\n`);
  }
  printAnswer(options, answer, () => [
    `row ${answer.key} is as it was anchored in batch ${answer.batch}, block ${answer.height ?? "–"}.`,
    ...(options.out === undefined ? [] : [`Its proof is in ${options.out}: gridledger verify …`]),
  ]);
}
