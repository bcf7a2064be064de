import type { RouteAnswer } from "@gridledger/protocol/api/contract";
import { Command } from "commander";
import { examples } from "../help.ts";
import { connectHub, type HubOptions, withHubOptions } from "../hub/connect.ts";
import { formatScaled, formatTable, formatTime, printAnswer } from "../output.ts";
import { parseMeter, parseTime } from "../parse-argument.ts";
import { parseInteger } from "../parse-integer.ts";

interface CompletenessOptions extends HubOptions {
  readonly from?: number;
  readonly to?: number;
  readonly interval?: number;
}

type Answer = RouteAnswer<"completeness">;

export function queryCompletenessCommand(): Command {
  return withHubOptions(new Command("completeness"))
    .description("Say which intervals a meter has readings of, and what is odd about them")
    .argument("<meter>", "the meter's name", parseMeter)
    .option("--from <time>", "ISO 8601 with offset, or Unix milliseconds", parseTime)
    .option("--to <time>", "ISO 8601 with offset, or Unix milliseconds", parseTime)
    .option("--interval <seconds>", "of one interval; else the usual one", parseInteger)
    .addHelpText(
      "after",
      examples(
        "gridledger query completeness E0012 --from 2026-11-01T00:00:00Z --to 2026-11-30T23:45:00Z --interval 900",
      ),
    )
    .action(run);
}

async function run(meter: string, { from, to, interval, ...options }: CompletenessOptions) {
  const answer = await connectHub(options).call("completeness", {
    params: { meter },
    query: {
      ...(from === undefined ? {} : { from }),
      ...(to === undefined ? {} : { to }),
      ...(interval === undefined ? {} : { intervalMs: interval * 1_000 }),
    },
  });
  printAnswer(options, answer, () => describe(answer));
}

function describe({
  expected,
  present,
  missing,
  batches,
  findings,
  corrected,
  ...period
}: Answer): string[] {
  const [first, last] = [batches[0]?.sequence, batches.at(-1)?.sequence];
  return [
    `${period.meter}, ${formatTime(period.fromMs)} to ${formatTime(period.toMs)}`,
    `${present} of ${expected} intervals; batches ${first ?? "–"} to ${last ?? "–"} follow one another without a gap.`,
    ...(missing.length === 0 ? [] : ["", ...formatTable(missingRows(missing))]),
    ...(findings.length === 0 ? [] : ["", ...formatTable(findingRows(findings))]),
    ...(corrected.length === 0 ? [] : ["", ...formatTable(correctedRows(corrected))]),
  ];
}

function missingRows(missing: Answer["missing"]): string[][] {
  return [
    ["missing from", "to", "intervals"],
    ...missing.map(({ fromMs, toMs, intervals }) => [
      ...[formatTime(fromMs), formatTime(toMs), String(intervals)],
    ]),
  ];
}

function findingRows(findings: Answer["findings"]): string[][] {
  return [
    ["finding", "time", "register", "value", "before", "block", "now"],
    ...findings.map(({ kind, timeMs, obis, value, before, height, ...now }) => [
      ...[kind, formatTime(timeMs), obis ?? "–"],
      ...[String(value ?? "–"), String(before ?? "–"), String(height), stateText(now)],
    ]),
  ];
}

function stateText({
  state,
  correction,
}: Pick<Answer["findings"][number], "state" | "correction">) {
  return correction === null ? state : `${state} by correction ${correction.number}`;
}

function correctedRows(corrected: Answer["corrected"]): string[][] {
  return [
    ["corrected", "register", "stands", "value", "correction"],
    ...corrected.map(({ timeMs, obis, status, value, scaler, unit, number }) => [
      ...[formatTime(timeMs), obis, status],
      ...[`${formatScaled(value, scaler)} ${unit}`.trimEnd(), String(number)],
    ]),
  ];
}
