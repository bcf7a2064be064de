import { Command } from "commander";
import { examples } from "../../help.ts";
import { connectHub, type HubOptions, withHubOptions } from "../../hub/connect.ts";
import { formatTime, printAnswer } from "../../output.ts";

interface DeclareOptions extends HubOptions {
  readonly because: string;
}

export function mappingDeclareCommand(): Command {
  return withHubOptions(new Command("declare"))
    .description(
      "Say which rows will be changed or removed lawfully; the audit log keeps who and why",
    )
    .argument("<name>", "its name or id")
    .argument("<keys...>", "keys of the rows; a key of several columns as a JSON list")
    .requiredOption("--because <text>", "the reason")
    .addHelpText(
      "after",
      examples("gridledger mapping declare bills 4711 --because 'meter exchanged'"),
    )
    .action(run);
}

async function run(id: string, keys: string[], options: DeclareOptions): Promise<void> {
  const body = { keys, reason: options.because };
  const answer = await connectHub(options).call("declareChanges", { params: { id }, body });
  printAnswer(options, answer, () => [
    `${answer.rows} rows may change until ${formatTime(answer.untilMs)}.`,
  ]);
}
