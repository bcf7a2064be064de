import { Command } from "commander";
import { examples } from "../help.ts";
import { connectHub, type HubOptions, withHubOptions } from "../hub/connect.ts";
import { formatTable, formatTime, printAnswer } from "../output.ts";
import { parseInteger } from "../parse-integer.ts";

export function queryBlockCommand(): Command {
  return withHubOptions(new Command("block"))
    .description("Show one block, its seal and its transactions")
    .argument("<height>", "the block's height", parseInteger)
    .addHelpText("after", examples("gridledger query block 12"))
    .action(run);
}

async function run(height: number, options: HubOptions): Promise<void> {
  const hub = connectHub(options);
  const block = await hub.call("block", { params: { height } });
  const page = await hub.call("blockTransactions", { params: { height }, query: { limit: 500 } });
  const transactions = page.items;
  printAnswer(options, { ...block, transactions, next: page.next }, () => [
    ...formatTable([
      ["block", `${block.height} of ${formatTime(block.timeMs)}`],
      ["hash", block.hash],
      ["parent", block.parentHash],
      ["proposer", `${block.proposer.name}, round ${block.round}`],
      ["sealed by", block.seal.signatures.map((signature) => signature.name).join(", ")],
    ]),
    "",
    ...formatTable([
      ["index", "kind", "meter", "readings", "sender", "hash"],
      ...transactions.map((transaction) => [
        String(transaction.index ?? "–"),
        transaction.kind,
        transaction.meter ?? "–",
        String(transaction.readings ?? "–"),
        transaction.senderName ?? transaction.sender,
        transaction.hash,
      ]),
    ]),
  ]);
}
