import type { RouteAnswer } from "@gridledger/protocol/api/contract";
import { Command } from "commander";
import { examples } from "../../help.ts";
import { connectHub, withHubOptions } from "../../hub/connect.ts";
import { nextPageLines, type PageOptions, pageQuery, withPageOptions } from "../../hub/page.ts";
import { formatScaled, formatTable, formatTime, printAnswer } from "../../output.ts";
import { parseMeter } from "../../parse-argument.ts";

type Item = RouteAnswer<"corrections">["items"][number];
type Standing = Item["values"][number]["old"];

export function correctionListCommand(): Command {
  return withPageOptions(withHubOptions(new Command("list")))
    .description("List the corrections of one meter, newest first")
    .argument("<meter>", "the meter's name", parseMeter)
    .addHelpText("after", examples("gridledger correction list E0012"))
    .action(run);
}

async function run(meter: string, options: PageOptions): Promise<void> {
  const query = pageQuery(options);
  const page = await connectHub(options).call("corrections", { params: { meter }, query });
  printAnswer(options, page, () => [
    ...formatTable([
      ["no.", "time", "register", "was", "is", "reason", "by", "agreed", "block"],
      ...page.items.flatMap(rowsOf),
    ]),
    ...nextPageLines(page.next),
  ]);
}

function rowsOf({ values, ...record }: Item): string[][] {
  const { number, reason, sender, senderName, agreedBy, agreedByName, height } = record;
  return values.map((value) => [
    ...[String(number), formatTime(value.timeMs), value.obis],
    ...[standingText(value.old, value.scaler), standingText(value.new, value.scaler)],
    ...[reason, senderName ?? sender, agreedByName ?? agreedBy ?? "–", String(height)],
  ]);
}

function standingText({ status, value }: Standing, scaler: number): string {
  if (status === "void") return status;
  const text = formatScaled(value, scaler);
  return status === "original" ? text : `${text} ${status}`;
}
