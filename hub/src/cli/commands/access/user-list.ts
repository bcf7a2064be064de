import { Command } from "commander";
import { examples } from "../../help.ts";
import { connectHub, withHubOptions } from "../../hub/connect.ts";
import { nextPageLines, type PageOptions, pageQuery, withPageOptions } from "../../hub/page.ts";
import { formatTable, formatTime, printAnswer } from "../../output.ts";

export function userListCommand(): Command {
  return withPageOptions(withHubOptions(new Command("list")))
    .description("Users with their roles")
    .addHelpText("after", examples("gridledger user list --user operator"))
    .action(run);
}

async function run(options: PageOptions): Promise<void> {
  const page = await connectHub(options).call("users", { query: pageQuery(options) });
  printAnswer(options, page, () => [
    ...formatTable([
      ["user", "kind", "roles", "attributes", "enabled", "last sign-in"],
      ...page.items.map((user) => [
        user.name,
        user.kind,
        user.roles.join(", "),
        Object.entries(user.attributes)
          .map(([name, value]) => `${name}=${value}`)
          .join(", "),
        user.enabled ? "yes" : "no",
        formatTime(user.lastSignInMs),
      ]),
    ]),
    ...nextPageLines(page.next),
  ]);
}
