import { Command } from "commander";
import { examples } from "../../help.ts";
import { connectHub, type HubOptions, withHubOptions } from "../../hub/connect.ts";
import { formatTable, printAnswer } from "../../output.ts";

export function webhookListCommand(): Command {
  return withHubOptions(new Command("list"))
    .description("Your webhooks, what waits, and what was given up")
    .addHelpText("after", examples("gridledger webhook list"))
    .action(run);
}

async function run(options: HubOptions): Promise<void> {
  const answer = await connectHub(options).call("webhooks", {});
  printAnswer(options, answer, () => {
    if (answer.items.length === 0) return ["no webhooks; make one with `gridledger webhook add`"];
    return formatTable([
      ["webhook", "url", "contract", "alarms", "waiting", "dead", "last error"],
      ...answer.items.map((hook) => [
        hook.id,
        hook.url,
        hook.address ?? "any",
        hook.alarms ? "yes" : "no",
        String(hook.waiting),
        String(hook.dead),
        hook.lastError ?? "",
      ]),
    ]);
  });
}
