import { Command } from "commander";
import { examples } from "../../help.ts";
import { connectHub, type HubOptions, withHubOptions } from "../../hub/connect.ts";
import { printAnswer } from "../../output.ts";
import { oneTimeLines } from "./one-time.ts";

export function userResetPasswordCommand(): Command {
  return withHubOptions(new Command("reset-password"))
    .description("Give a person a new one-time password; sessions end")
    .argument("<name>")
    .addHelpText("after", examples("gridledger user reset-password li.na"))
    .action(run);
}

async function run(name: string, options: HubOptions): Promise<void> {
  const answer = await connectHub(options).call("resetPassword", { params: { user: name } });
  printAnswer(options, answer, () => oneTimeLines(answer));
}
