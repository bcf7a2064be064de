import { Command } from "commander";
import { examples } from "../../help.ts";
import { connectHub, type HubOptions, withHubOptions } from "../../hub/connect.ts";
import { formatTable, formatTime, printAnswer } from "../../output.ts";

interface DeadOptions extends HubOptions {
  readonly retry?: boolean;
}

export function webhookDeadCommand(): Command {
  return withHubOptions(new Command("dead"))
    .description("The first 500 events that a receiver would not take, oldest first")
    .argument("<id>", "as `gridledger webhook list` shows it")
    .option("--retry", "try them all again instead")
    .addHelpText("after", examples("gridledger webhook dead 5f0c1a2b3c4d --retry"))
    .action(run);
}

async function run(id: string, options: DeadOptions): Promise<void> {
  const hub = connectHub(options);
  if (options.retry === true) {
    const answer = await hub.call("retryDeadLetters", { params: { id } });
    printAnswer(options, answer, () => [`${answer.retried} events are tried again`]);
    return;
  }
  const answer = await hub.call("deadLetters", { params: { id }, query: { limit: "500" } });
  printAnswer(options, answer, () => {
    if (answer.items.length === 0) return ["nothing was given up"];
    return formatTable([
      ["event", "type", "given up", "tries", "last error"],
      ...answer.items.map(({ event, type, deadMs, tries, lastError }) => [
        ...[event, type, formatTime(deadMs)],
        ...[String(tries), lastError ?? ""],
      ]),
    ]);
  });
}
