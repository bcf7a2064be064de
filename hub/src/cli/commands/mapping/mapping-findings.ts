import { Command } from "commander";
import { examples } from "../../help.ts";
import { connectHub, withHubOptions } from "../../hub/connect.ts";
import { nextPageLines, type PageOptions, pageQuery, withPageOptions } from "../../hub/page.ts";
import { formatTable, formatTime, printAnswer } from "../../output.ts";

export function mappingFindingsCommand(): Command {
  return withPageOptions(withHubOptions(new Command("findings")))
    .description("What was done to the table behind our back, newest first")
    .argument("<name>", "its name or id")
    .addHelpText("after", examples("gridledger mapping findings bills"))
    .action(run);
}

async function run(id: string, options: PageOptions): Promise<void> {
  const query = pageQuery(options);
  const page = await connectHub(options).call("findings", { params: { id }, query });
  printAnswer(options, page, () => [
    ...formatTable([
      ["row", "what", "columns", "not before", "found", "settled"],
      ...page.items.map((one) => [
        ...[one.key, one.kind, one.columns.join(", ") || "–", formatTime(one.sinceMs)],
        ...[formatTime(one.foundMs), one.settledHow ?? "–"],
      ]),
    ]),
    ...nextPageLines(page.next),
  ]);
}
