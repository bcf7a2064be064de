import { Command } from "commander";
import { examples } from "../help.ts";
import { connectHub, type HubOptions, withHubOptions } from "../hub/connect.ts";
import { formatTable, printAnswer } from "../output.ts";

export function validatorListCommand(): Command {
  return withHubOptions(new Command("list"))
    .description("Validators, nodes that could join, and open proposals")
    .addHelpText("after", examples("gridledger validator list"))
    .action(run);
}

async function run(options: HubOptions): Promise<void> {
  const answer = await connectHub(options).call("proposals");
  const { validators, candidates, items, policy } = answer;
  printAnswer(options, answer, () => [
    ...formatTable([
      ["validator", "id", "online"],
      ...validators.map(({ name, id, online }) => [name, id, online ? "yes" : "no"]),
    ]),
    ...section("candidates", candidates.length, [
      ["candidate", "id", "height"],
      ...candidates.map(({ name, id, height }) => [name, id, String(height)]),
    ]),
    ...section(`proposals (${policy})`, items.length, [
      ["proposal", "change", "approvals", "until block", "effect"],
      ...items.map((item) => [
        item.id,
        `${item.operation} ${item.subject}`,
        `${item.given} of ${item.needed}: ${item.approvals.join(", ")}`,
        String(item.expiresAtHeight),
        item.forecast.reason,
      ]),
    ]),
  ]);
}

function section(title: string, count: number, rows: string[][]): string[] {
  return ["", ...(count === 0 ? [`no ${title}`] : formatTable(rows))];
}
