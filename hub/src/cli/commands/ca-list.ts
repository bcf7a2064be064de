import { Command } from "commander";
import { examples } from "../help.ts";
import { connectHub, withHubOptions } from "../hub/connect.ts";
import { nextPageLines, type PageOptions, pageQuery, withPageOptions } from "../hub/page.ts";
import { formatTable, formatTime, printAnswer } from "../output.ts";
import { parseInteger } from "../parse-integer.ts";

interface ListOptions extends PageOptions {
  readonly search?: string;
  readonly state?: "valid" | "expired" | "revoked";
  readonly endsWithin?: number;
}

export function caListCommand(): Command {
  return withPageOptions(withHubOptions(new Command("list")))
    .description("List certificates")
    .option("--search <text>", "part of a name, serial number or identity")
    .option("--state <state>", "valid, expired or revoked")
    .option("--ends-within <days>", "those that end within so many days", parseInteger)
    .addHelpText(
      "after",
      examples("gridledger ca list --ends-within 30 --user operator --password-file p"),
    )
    .action(run);
}

async function run(options: ListOptions): Promise<void> {
  const { search, state, endsWithin: endsWithinDays } = options;
  const query = {
    ...pageQuery(options),
    ...(search !== undefined && { search }),
    ...(state !== undefined && { state }),
    ...(endsWithinDays !== undefined && { endsWithinDays }),
  };
  const page = await connectHub(options).call("certificates", { query });
  printAnswer(options, page, () => [
    ...formatTable([
      ["serial", "name", "role", "purpose", "state", "until"],
      ...page.items.map((one) => [
        one.serial,
        one.name,
        one.role ?? "–",
        one.purpose,
        one.state,
        formatTime(one.notAfterMs),
      ]),
    ]),
    ...nextPageLines(page.next),
  ]);
}
