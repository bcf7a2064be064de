import type { Command } from "commander";
import { parseInteger } from "../parse-integer.ts";
import type { HubOptions } from "./connect.ts";

export interface PageOptions extends HubOptions {
  readonly limit?: number;
  readonly cursor?: string;
}

export function withPageOptions(command: Command): Command {
  return command
    .option("--limit <count>", "at most this many", parseInteger)
    .option("--cursor <cursor>", "the page after, as the page before said");
}

export function pageQuery({ limit, cursor }: PageOptions) {
  return { ...(limit === undefined ? {} : { limit }), ...(cursor === undefined ? {} : { cursor }) };
}

/** The line that says how to get the next page. */
export function nextPageLines(next: string | null): string[] {
  return next === null ? [] : ["", `More with --cursor ${next}`];
}
