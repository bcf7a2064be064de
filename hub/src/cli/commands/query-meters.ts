import { Command } from "commander";
import { examples } from "../help.ts";
import { connectHub, withHubOptions } from "../hub/connect.ts";
import { nextPageLines, type PageOptions, pageQuery, withPageOptions } from "../hub/page.ts";
import { formatTable, formatTime, printAnswer } from "../output.ts";

export function queryMetersCommand(): Command {
  return withPageOptions(withHubOptions(new Command("meters")))
    .description("List meters")
    .addHelpText("after", examples("gridledger query meters --json"))
    .action(run);
}

async function run(options: PageOptions): Promise<void> {
  const page = await connectHub(options).call("meters", { query: pageQuery(options) });
  printAnswer(options, page, () => [
    ...formatTable([
      ["meter", "device", "batches", "readings", "last reading", "registers"],
      ...page.items.map((meter) => [
        meter.meter,
        meter.ownerName ?? meter.owner,
        String(meter.sequence),
        String(meter.readings),
        formatTime(meter.lastTimeMs),
        meter.registers.map(({ obis, unit }) => `${obis} ${unit}`.trim()).join(", "),
      ]),
    ]),
    ...nextPageLines(page.next),
  ]);
}
