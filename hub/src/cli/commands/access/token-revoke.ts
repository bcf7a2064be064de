import { Command } from "commander";
import { examples } from "../../help.ts";
import { connectHub, type HubOptions, withHubOptions } from "../../hub/connect.ts";
import { printAnswer } from "../../output.ts";

export function tokenRevokeCommand(): Command {
  return withHubOptions(new Command("revoke"))
    .description("End a token at once")
    .argument("<id>", "as `gridledger token list` shows it")
    .addHelpText("after", examples("gridledger token revoke Gm3vJ0c1xY2z"))
    .action(run);
}

async function run(id: string, options: HubOptions): Promise<void> {
  const answer = await connectHub(options).call("revokeToken", { params: { id } });
  printAnswer(options, answer, () => [`token ${answer.token.name} is revoked`]);
}
