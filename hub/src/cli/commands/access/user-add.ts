import type { RestRole } from "@gridledger/protocol/api/access";
import { Command } from "commander";
import { examples } from "../../help.ts";
import { connectHub, type HubOptions, withHubOptions } from "../../hub/connect.ts";
import { printAnswer } from "../../output.ts";
import { oneTimeLines } from "./one-time.ts";
import { collectAttribute, parseRoles } from "./parse-access.ts";

interface AddOptions extends HubOptions {
  readonly roles: RestRole[];
  readonly program?: boolean;
  readonly attribute?: Readonly<Record<string, string>>;
}

export function userAddCommand(): Command {
  return withHubOptions(new Command("add"))
    .description("Add a person, who gets a one-time password, or a program, which gets tokens")
    .argument("<name>", "a–z, 0–9, dot, dash, underscore")
    .requiredOption("--roles <roles>", "roles, with commas between them", parseRoles)
    .option("--program", "a program and no person")
    .option(
      "--attribute <name=value>",
      "organisation, region, site …; repeatable",
      collectAttribute,
    )
    .addHelpText(
      "after",
      examples("gridledger user add li.na --roles auditor --attribute region=yangzhou"),
    )
    .action(run);
}

async function run(name: string, options: AddOptions): Promise<void> {
  const { roles, program, attribute = {} } = options;
  const kind = program ? "program" : "person";
  const body = { name, kind, roles, attributes: attribute } as const;
  const answer = await connectHub(options).call("addUser", { body });
  printAnswer(options, answer, () => oneTimeLines(answer));
}
