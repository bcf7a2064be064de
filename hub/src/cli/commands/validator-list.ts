import { Command } from "commander";
import { ballotLines, section } from "../governance/tables.ts";
import { examples } from "../help.ts";
import { connectHub, type HubOptions, withHubOptions } from "../hub/connect.ts";
import { formatTable, printAnswer } from "../output.ts";

export function validatorListCommand(): Command {
  return withHubOptions(new Command("list"))
    .description("Validators, nodes that could join, open proposals and approved changes")
    .addHelpText("after", examples("gridledger validator list"))
    .action(run);
}

async function run(options: HubOptions): Promise<void> {
  const answer = await connectHub(options).call("proposals");
  const { validators, candidates } = answer;
  printAnswer(options, answer, () => [
    ...formatTable([
      ["validator", "id", "online"],
      ...validators.map(({ name, id, online }) => [name, id, online ? "yes" : "no"]),
    ]),
    "",
    ...section("candidates", candidates.length, [
      ["candidate", "id", "height"],
      ...candidates.map(({ name, id, height }) => [name, id, String(height)]),
    ]),
    "",
    ...ballotLines(answer),
  ]);
}
