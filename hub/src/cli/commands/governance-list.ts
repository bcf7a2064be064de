import { Command } from "commander";
import { ballotLines } from "../governance/tables.ts";
import { examples } from "../help.ts";
import { connectHub, type HubOptions, withHubOptions } from "../hub/connect.ts";
import { formatTable, printAnswer } from "../output.ts";

export function governanceListCommand(): Command {
  return withHubOptions(new Command("list"))
    .description("Policies, engine and suites in force, open proposals and approved changes")
    .addHelpText("after", examples("gridledger governance list"))
    .action(run);
}

async function run(options: HubOptions): Promise<void> {
  const answer = await connectHub(options).call("proposals");
  const { policies, engine, suites } = answer;
  printAnswer(options, answer, () => [
    ...formatTable([
      ["family", "policy"],
      ...Object.entries(policies).map(([family, policy]) => [family, policy]),
    ]),
    "",
    `engine ${engine.engine}; suites ${suites.map(({ suiteId }) => suiteId).join(", ")}`,
    "",
    ...ballotLines(answer),
  ]);
}
