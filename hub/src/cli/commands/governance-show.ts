import { Fault } from "@gridledger/protocol/faults";
import { Command } from "commander";
import { type Council, strengthWords } from "../governance/propose.ts";
import { examples } from "../help.ts";
import { connectHub, type HubOptions, withHubOptions } from "../hub/connect.ts";
import { printAnswer } from "../output.ts";

export function governanceShowCommand(): Command {
  return withHubOptions(new Command("show"))
    .description("One proposal: what it changes, who approved it, what it would do now")
    .argument("<proposal>", "its id, or the first characters of it")
    .addHelpText("after", examples("gridledger governance show 9f86d081"))
    .action(run);
}

async function run(prefix: string, options: HubOptions): Promise<void> {
  const { items, scheduled } = await connectHub(options).call("proposals");
  const item = items.find(({ id }) => id.startsWith(prefix));
  const approved = scheduled.find(({ id }) => id.startsWith(prefix));
  const shown = item ?? approved;
  if (shown === undefined) throw new Fault("PROPOSAL_UNKNOWN", `${prefix} is not open`);
  printAnswer(options, shown, () => [
    `${shown.action} ${shown.subject}`,
    ...(shown.reason === "" ? [] : [`Reason: ${shown.reason}`]),
    ...(approved === undefined ? [] : [`Approved; counts from block ${approved.fromHeight} on.`]),
    ...(item === undefined ? [] : openLines(item)),
    `Id ${shown.id}`,
  ]);
}

type Item = Council["items"][number];

function openLines({ forecast, ...item }: Item): string[] {
  const from = item.effectiveAtHeight === 0 ? "the next block" : `block ${item.effectiveAtHeight}`;
  return [
    `Counts from ${from} on, once ${item.needed} have approved it by block ${item.expiresAtHeight}.`,
    `Approved by ${item.given}: ${item.approvals.join(", ")}`,
    `Before: ${strengthWords(forecast.before)}. After: ${strengthWords(forecast.after)}.`,
    `Effect: ${forecast.reason} (${forecast.verdict}).`,
    ...forecast.safeOrder.map((step, i) => `  ${i + 1}. ${step}`),
  ];
}
