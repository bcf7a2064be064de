import { formatAddress } from "@gridledger/protocol/contracts/address";
import { Fault } from "@gridledger/protocol/faults";
import { Command } from "commander";
import { examples } from "../help.ts";
import { connectHub, type HubOptions, withHubOptions } from "../hub/connect.ts";
import { traderOf } from "../market/trader.ts";
import { formatTable, printAnswer } from "../output.ts";

interface StatementOptions extends HubOptions {
  readonly key?: string;
}

export function marketStatementCommand(): Command {
  return withHubOptions(new Command("statement"))
    .description("Show a participant's balance, proven to a block, and what it is made of")
    .argument("[address]", "0x and 40 digits; without it the one of --key")
    .option("--key <file>", "whose statement")
    .addHelpText("after", examples("gridledger market statement --key app.pem"))
    .action(run);
}

async function run(address: string | undefined, options: StatementOptions): Promise<void> {
  const hub = connectHub(options);
  const owner = address ?? (await ownAddress(options));
  const statement = await hub.call("marketStatement", { params: { owner } });
  printAnswer(options, statement, () => [
    `${statement.owner.name ?? owner}: ${statement.balance}, proven to block ${statement.provenHeight}`,
    ...formatTable([
      ["interval", "meter", "traded Wh", "metered Wh", "trade", "deviation", "readings"],
      ...statement.items.map((line) => [
        String(line.interval),
        line.meter.name ?? line.meter.id,
        ...[line.tradedWh, line.meteredWh, line.trade, line.deviation].map(String),
        line.state,
      ]),
    ]),
  ]);
}

async function ownAddress(options: StatementOptions): Promise<string> {
  if (options.key === undefined) throw new Fault("REQUEST_INVALID", "say whose: --key or address");
  return formatAddress((await traderOf(connectHub(options), options.key)).address);
}
