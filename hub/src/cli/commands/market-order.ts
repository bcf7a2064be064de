import { randomBytes } from "node:crypto";
import { Fault } from "@gridledger/protocol/faults";
import { formatHex } from "@gridledger/protocol/hex";
import { orderId } from "@gridledger/protocol/market/calls";
import { marketRefusal } from "@gridledger/protocol/market/refusals";
import { signCancellation, signOrder } from "@gridledger/protocol/market/sign-order";
import { Command, Option } from "commander";
import { receiptOf } from "../contracts/send-transaction.ts";
import { examples } from "../help.ts";
import { connectHub, type Hub, type HubOptions, withHubOptions } from "../hub/connect.ts";
import { traderOf } from "../market/trader.ts";
import { formatTable, printAnswer } from "../output.ts";
import { parseInteger } from "../parse-integer.ts";

const WAIT_MS = 30_000;

interface OrderOptions extends HubOptions {
  readonly key: string;
  readonly meter?: string;
  readonly side?: "buy" | "sell";
  readonly wh?: number;
  readonly price?: number;
  readonly interval?: number;
  readonly id?: string;
  readonly cancel?: string;
}

export function marketOrderCommand(): Command {
  return withHubOptions(new Command("order"))
    .description(
      "Place an order for a delivery interval, or take one back, and wait until it is final",
    )
    .requiredOption("--key <file>", "key file of the meter's owner")
    .option("--meter <name>", "as the registry knows it")
    .addOption(new Option("--side <side>", "which way").choices(["buy", "sell"]))
    .option("--wh <quantity>", "energy in Wh", parseInteger)
    .option("--price <units>", "smallest units of money per kWh", parseInteger)
    .option("--interval <number>", "delivery interval (default: the next)", parseInteger)
    .option("--id <text>", "your own name of the order; the same again is the same order")
    .option("--cancel <id>", "take back the order of this name")
    .addHelpText(
      "after",
      examples(
        "gridledger market order --key app.pem --meter M1 --side sell --wh 1500 --price 4200",
        "gridledger market order --key app.pem --cancel order-7",
      ),
    )
    .action(run);
}

async function run(options: OrderOptions): Promise<void> {
  const hub = connectHub(options);
  const trader = await traderOf(hub, options.key);
  const clientId = options.cancel ?? options.id ?? randomBytes(8).toString("hex");
  const transaction =
    options.cancel === undefined
      ? signOrder(trader, { ...(await wantedOf(hub, options)), clientId })
      : signCancellation(trader, clientId);
  const { hash, state } = await hub.call("placeMarketOrder", {
    query: { waitMs: WAIT_MS },
    body: { transaction: Buffer.from(transaction).toString("base64url") },
  });
  if (state !== "final") throw new Fault("NOT_READY", `not final yet: gridledger query tx ${hash}`);
  const receipt = await receiptOf(hub, hash);
  const refusal = marketRefusal(receipt);
  if (refusal !== undefined) throw refusal;
  const order = `0x${formatHex(orderId(trader.address, clientId))}`;
  const answer = { order, clientId, transaction: hash, height: receipt.height };
  printAnswer(options, answer, () =>
    formatTable(Object.entries(answer).map(([name, value]) => [name, String(value)])),
  );
}

async function wantedOf(hub: Hub, { meter, side, wh, price, interval }: OrderOptions) {
  if (meter === undefined || side === undefined || wh === undefined || price === undefined) {
    throw new Fault("REQUEST_INVALID", "an order needs --meter, --side, --wh and --price");
  }
  const next = interval ?? (await hub.call("market")).current + 1;
  return { meter, interval: next, isBuy: side === "buy", quantityWh: wh, price };
}
