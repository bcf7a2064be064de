import { Command } from "commander";
import { examples } from "../../help.ts";
import { connectHub, type HubOptions, withHubOptions } from "../../hub/connect.ts";
import { printAnswer } from "../../output.ts";

export function webhookRemoveCommand(): Command {
  return withHubOptions(new Command("remove"))
    .description("Tell a receiver nothing more, and forget what waits for it")
    .argument("<id>", "as `gridledger webhook list` shows it")
    .addHelpText("after", examples("gridledger webhook remove 5f0c1a2b3c4d"))
    .action(run);
}

async function run(id: string, options: HubOptions): Promise<void> {
  const answer = await connectHub(options).call("removeWebhook", { params: { id } });
  printAnswer(options, answer, () => [`webhook ${id} is removed`]);
}
