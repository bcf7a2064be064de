import { Command } from "commander";
import { examples } from "../help.ts";
import { connectHub, type HubOptions, withHubOptions } from "../hub/connect.ts";
import { formatTable, formatTime, printAnswer } from "../output.ts";
import { parseHash } from "../parse-argument.ts";

export function queryTransactionCommand(): Command {
  return withHubOptions(new Command("tx"))
    .description("Show one transaction")
    .argument("<hash>", "64 hexadecimal digits", parseHash)
    .addHelpText("after", examples("gridledger query tx 9f86d081…"))
    .action(run);
}

async function run(hash: string, options: HubOptions): Promise<void> {
  const transaction = await connectHub(options).call("transaction", { params: { hash } });
  const { refusal, batch, height } = transaction;
  const rows = [
    ["transaction", transaction.hash],
    ["state", transaction.state],
    ["kind", `${transaction.kind}, ${transaction.bytes} bytes`],
    ["sender", `${transaction.senderName ?? "unknown"} (${transaction.sender})`],
  ];
  if (height !== null) {
    rows.push(["block", `${height} of ${formatTime(transaction.blockTimeMs)}`]);
  }
  if (refusal !== null) rows.push(["refused", `${refusal.code}: ${refusal.detail}`]);
  if (batch !== null) {
    rows.push([
      "batch",
      `${batch.sequence} of meter ${batch.meter}, ${batch.timesMs.length} readings`,
    ]);
  }
  printAnswer(options, transaction, () => formatTable(rows));
}
