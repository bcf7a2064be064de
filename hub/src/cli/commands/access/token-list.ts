import { Command } from "commander";
import { examples } from "../../help.ts";
import { connectHub, type HubOptions, withHubOptions } from "../../hub/connect.ts";
import { formatTable, formatTime, printAnswer } from "../../output.ts";

interface ListOptions extends HubOptions {
  readonly for?: string;
}

export function tokenListCommand(): Command {
  return withHubOptions(new Command("list"))
    .description("Your tokens, or those of a program that you manage")
    .option("--for <program>", "the program; without it, yourself")
    .addHelpText("after", examples("gridledger token list --for settlement"))
    .action(run);
}

async function run(options: ListOptions): Promise<void> {
  const query = options.for === undefined ? {} : { user: options.for };
  const answer = await connectHub(options).call("tokens", { query });
  printAnswer(options, answer, () =>
    formatTable([
      ["token", "name", "permissions", "expires", "last used", "state"],
      ...answer.items.map((token) => [
        token.id,
        token.name,
        token.permissions.join(", "),
        formatTime(token.expiresMs),
        formatTime(token.usedMs),
        token.revokedMs === null ? "" : "revoked",
      ]),
    ]),
  );
}
