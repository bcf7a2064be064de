import { Command } from "commander";
import { examples } from "../../help.ts";
import { connectHub, type HubOptions, withHubOptions } from "../../hub/connect.ts";
import { printAnswer } from "../../output.ts";
import { mappingLines } from "./mapping-lines.ts";

export function mappingShowCommand(): Command {
  return withHubOptions(new Command("show"))
    .description("One mapping: columns, coverage, budget, and how soon a change is found")
    .argument("<name>", "its name or id")
    .addHelpText("after", examples("gridledger mapping show bills"))
    .action(async (id: string, options: HubOptions) => {
      const answer = await connectHub(options).call("mapping", { params: { id } });
      printAnswer(options, answer, () => mappingLines(answer));
    });
}
