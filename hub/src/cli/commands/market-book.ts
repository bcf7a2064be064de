import { Command } from "commander";
import { examples } from "../help.ts";
import { connectHub, type HubOptions, withHubOptions } from "../hub/connect.ts";
import { formatTable, formatTime, printAnswer } from "../output.ts";
import { parseInteger } from "../parse-integer.ts";

interface BookOptions extends HubOptions {
  readonly interval?: number;
}

export function marketBookCommand(): Command {
  return withHubOptions(new Command("book"))
    .description("Show the open orders of an interval by price, and the last prices")
    .option("--interval <number>", "delivery interval (default: the next)", parseInteger)
    .addHelpText("after", examples("gridledger market book"))
    .action(run);
}

async function run(options: BookOptions): Promise<void> {
  const hub = connectHub(options);
  const { current } = await hub.call("market");
  const interval = options.interval ?? current + 1;
  const book = await hub.call("marketBook", { params: { interval } });
  const { items } = await hub.call("marketIntervals", { query: { limit: "10" } });
  printAnswer(options, { ...book, intervals: items }, () => [
    `Interval ${interval}:`,
    ...formatTable([
      ["price/kWh", "buy Wh", "sell Wh"],
      ...book.levels.map((level) => [level.price, level.buyWh, level.sellWh].map(String)),
    ]),
    "",
    ...formatTable([
      ["interval", "delivery from", "state", "price/kWh", "traded Wh"],
      ...items.map((each) => [
        String(each.interval),
        formatTime(each.startMs),
        each.phase,
        String(each.price ?? "-"),
        String(each.volumeWh),
      ]),
    ]),
  ]);
}
