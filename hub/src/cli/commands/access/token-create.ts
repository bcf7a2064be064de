import type { Permission } from "@gridledger/protocol/api/access";
import { Command } from "commander";
import { replaceFile } from "../../files.ts";
import { examples } from "../../help.ts";
import { connectHub, type HubOptions, withHubOptions } from "../../hub/connect.ts";
import { formatTime, printAnswer } from "../../output.ts";
import { parseInteger } from "../../parse-integer.ts";
import { parsePermissions } from "./parse-access.ts";

interface CreateOptions extends HubOptions {
  readonly name: string;
  readonly permissions: Permission[];
  readonly for?: string;
  readonly days?: number;
  readonly out?: string;
}

export function tokenCreateCommand(): Command {
  return withHubOptions(new Command("create"))
    .description("Make a token; two of a name may live at a time, so that one can be replaced")
    .requiredOption("--name <name>", "what it is for")
    .requiredOption("--permissions <list>", "all it may do, with commas between", parsePermissions)
    .option("--for <program>", "a program that you manage; without it, for yourself")
    .option("--days <days>", "how long it lives, 90 unless told", parseInteger)
    .option("--out <file>", "write it there, readable by you only, and do not print it")
    .addHelpText(
      "after",
      examples("gridledger token create --for settlement --name prod --permissions ledger.read"),
    )
    .action(run);
}

async function run(options: CreateOptions): Promise<void> {
  const { name, permissions, days, out, for: user } = options;
  const body = { name, permissions, ...(user && { user }), ...(days && { days }) };
  const { token, secret } = await connectHub(options).call("addToken", { body });
  if (out !== undefined) replaceFile(out, `${secret}\n`);
  const shown = out === undefined ? { token, secret } : { token, file: out };
  printAnswer(options, shown, () => [
    out === undefined ? `token: ${secret}` : `the token is in ${out}`,
    `It is shown this once and ends on ${formatTime(token.expiresMs)}.`,
  ]);
}
