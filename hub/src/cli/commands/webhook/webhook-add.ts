import { Command } from "commander";
import { replaceFile } from "../../files.ts";
import { examples } from "../../help.ts";
import { connectHub, type HubOptions, withHubOptions } from "../../hub/connect.ts";
import { printAnswer } from "../../output.ts";
import { parseInteger } from "../../parse-integer.ts";

interface AddOptions extends HubOptions {
  readonly contract?: string;
  readonly topic?: string;
  readonly alarms?: boolean;
  readonly from?: number;
  readonly out?: string;
}

export function webhookAddCommand(): Command {
  return withHubOptions(new Command("add"))
    .description("Be told of contract events, and of alarms, by HTTP")
    .argument("<url>", "where a receiver listens; https")
    .option("--contract <address>", "events of this contract only")
    .option("--topic <hash>", "events with this first topic only")
    .option("--alarms", "alarms of the hub as well")
    .option(
      "--from <height>",
      "begin with this block; without it, with what comes now",
      parseInteger,
    )
    .option("--out <file>", "write the secret there, readable by you only, and do not print it")
    .addHelpText(
      "after",
      examples("gridledger webhook add https://trader.example/events --contract 0x5f…"),
    )
    .action(run);
}

async function run(url: string, options: AddOptions): Promise<void> {
  const { contract, topic, alarms = false, from, out } = options;
  const body = {
    ...{ url, alarms },
    ...(contract !== undefined && { address: contract }),
    ...(topic !== undefined && { topic }),
    ...(from !== undefined && { fromHeight: from }),
  };
  const { webhook, secret } = await connectHub(options).call("addWebhook", { body });
  if (out !== undefined) replaceFile(out, `${secret}\n`);
  const shown = out === undefined ? { webhook, secret } : { webhook, file: out };
  printAnswer(options, shown, () => [
    `webhook ${webhook.id} tells ${webhook.url}`,
    out === undefined ? `secret: ${secret}` : `the secret is in ${out}`,
    "It signs every event (Standard Webhooks) and is shown this once.",
  ]);
}
