import { Command } from "commander";
import { examples } from "../../help.ts";
import { connectHub, type HubOptions, withHubOptions } from "../../hub/connect.ts";
import { formatTable, formatTime, printAnswer } from "../../output.ts";
import { formatCoverage } from "./mapping-lines.ts";

interface ListOptions extends HubOptions {
  readonly search?: string;
}

export function mappingListCommand(): Command {
  return withHubOptions(new Command("list"))
    .description("The catalogue of mapped tables")
    .option("--search <text>", "part of a name, title, owner, table or column")
    .addHelpText("after", examples("gridledger mapping list --search billing"))
    .action(run);
}

async function run(options: ListOptions): Promise<void> {
  const { search } = options;
  const query = search === undefined ? {} : { search };
  const answer = await connectHub(options).call("catalogue", { query });
  printAnswer(options, answer, () =>
    formatTable([
      ["name", "table", "owner", "class", "state", "rows", "coverage", "anchored", "findings"],
      ...answer.items.map((one) => [
        ...[one.name, `${one.database}: ${one.table}`, one.catalogue.owner || "–"],
        ...[one.catalogue.classification, one.state, String(one.tableRows ?? "–")],
        ...[formatCoverage(one.coverage), formatTime(one.anchoredMs), String(one.findings)],
      ]),
    ]),
  );
}
