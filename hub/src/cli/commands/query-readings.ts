import type { RouteAnswer } from "@gridledger/protocol/api/contract";
import { Command } from "commander";
import { examples } from "../help.ts";
import { connectHub, withHubOptions } from "../hub/connect.ts";
import { nextPageLines, type PageOptions, pageQuery, withPageOptions } from "../hub/page.ts";
import { formatScaled, formatTable, formatTime, printAnswer } from "../output.ts";
import { parseMeter, parseTime } from "../parse-argument.ts";

interface ReadingsOptions extends PageOptions {
  readonly from?: number;
  readonly to?: number;
  readonly obis?: string;
  readonly newest?: boolean;
}

export function queryReadingsCommand(): Command {
  return withPageOptions(withHubOptions(new Command("readings")))
    .description("List final readings of one meter by time")
    .argument("<meter>", "the meter's name", parseMeter)
    .option("--from <time>", "ISO 8601 with offset, or Unix milliseconds", parseTime)
    .option("--to <time>", "ISO 8601 with offset, or Unix milliseconds", parseTime)
    .option("--obis <code>", "only this register, e.g. 1-0:1.8.0")
    .option("--newest", "newest first")
    .addHelpText(
      "after",
      examples("gridledger query readings E0012 --from 2026-11-21T00:00:00Z --obis 1-0:1.8.0"),
    )
    .action(run);
}

async function run(meter: string, options: ReadingsOptions): Promise<void> {
  const { from, to, obis } = options;
  const page = await connectHub(options).call("readings", {
    params: { meter },
    query: {
      ...pageQuery(options),
      ...(from === undefined ? {} : { from }),
      ...(to === undefined ? {} : { to }),
      ...(obis === undefined ? {} : { obis }),
      order: options.newest === true ? "desc" : "asc",
    },
  });
  printAnswer(options, page, () => [
    ...formatTable([
      ["time", "register", "value", "unit", "batch", "block", "stands"],
      ...page.items.map((reading) => [
        formatTime(reading.timeMs),
        reading.obis,
        formatScaled(reading.value, reading.scaler),
        reading.unit,
        String(reading.sequence),
        String(reading.height),
        standsText(reading),
      ]),
    ]),
    ...nextPageLines(page.next),
  ]);
}

/** Empty where the reading stands as it was signed. */
function standsText({ correction, scaler }: RouteAnswer<"readings">["items"][number]): string {
  if (correction === null) return "";
  const { status, value, number } = correction;
  const text = status === "void" ? "" : ` ${formatScaled(value, scaler)}`;
  return `${status}${text} (correction ${number})`;
}
