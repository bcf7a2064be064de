import { Command } from "commander";
import { examples } from "../help.ts";
import { connectHub, type HubOptions, withHubOptions } from "../hub/connect.ts";
import { formatTable, formatTime, printAnswer } from "../output.ts";

export function caShowCommand(): Command {
  return withHubOptions(new Command("show"))
    .description("Show the root and the issuing authorities")
    .addHelpText("after", examples("gridledger ca show"))
    .action(run);
}

async function run(options: HubOptions): Promise<void> {
  const answer = await connectHub(options).call("authorities");
  const { root, issuing } = answer;
  printAnswer(options, answer, () => [
    `root  ${root.subject}, serial ${root.serial}, until ${formatTime(root.notAfterMs)}`,
    "",
    ...formatTable([
      ["authority", "organisation", "until", "CRL", "next CRL by"],
      ...issuing.map((one) => [
        one.id,
        one.organisation,
        formatTime(one.notAfterMs),
        String(one.crlNumber),
        formatTime(one.crlNextUpdateMs),
      ]),
    ]),
  ]);
}
