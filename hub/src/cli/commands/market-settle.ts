import { encodeContractCall } from "@gridledger/protocol/contracts/call";
import { kind } from "@gridledger/protocol/ledger/kinds";
import { MARKET_ADDRESS } from "@gridledger/protocol/market/addresses";
import { encodeClear, encodeSettle } from "@gridledger/protocol/market/calls";
import { marketRefusal } from "@gridledger/protocol/market/refusals";
import { Command } from "commander";
import { sendContractTransaction } from "../contracts/send-transaction.ts";
import { examples } from "../help.ts";
import { connectHub, type HubOptions, withHubOptions } from "../hub/connect.ts";
import { printAnswer } from "../output.ts";
import { parseInteger } from "../parse-integer.ts";

const GAS = 5_000_000;
const METERS_A_CALL = 15;
const ORDERS_A_CALL = 80;

interface SettleOptions extends HubOptions {
  readonly key: string;
  readonly from: number;
  readonly clear?: boolean;
}

export function marketSettleCommand(): Command {
  return withHubOptions(new Command("settle"))
    .description("Settle an interval, again where readings changed; anybody may")
    .argument("<interval>", "its number", parseInteger)
    .requiredOption("--key <file>", "any key of the channel")
    .option("--from <place>", "the first of the interval's meters", parseInteger, 0)
    .option("--clear", "clear the interval's orders instead")
    .addHelpText("after", examples("gridledger market settle 1983402 --key app.pem"))
    .action(run);
}

async function run(interval: number, options: SettleOptions): Promise<void> {
  const hub = connectHub(options);
  const data = options.clear
    ? encodeClear(interval, ORDERS_A_CALL)
    : encodeSettle(interval, options.from, METERS_A_CALL);
  const payload = encodeContractCall({ gasLimit: GAS, to: MARKET_ADDRESS, data });
  const body = { kind: kind.contractCall, payload };
  const receipt = await sendContractTransaction(hub, options.key, body);
  const refusal = marketRefusal(receipt);
  if (refusal !== undefined) throw refusal;
  const left = Number(BigInt(receipt.output));
  const { height, gasUsed, hash } = receipt;
  const answer = {
    interval,
    left,
    events: receipt.logs.length,
    height,
    gasUsed,
    transaction: hash,
  };
  printAnswer(options, answer, () => [
    `interval ${interval}: ${receipt.logs.length} changed, ${left} left; block ${height}, gas ${gasUsed}`,
  ]);
}
