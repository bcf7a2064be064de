import type { RestRole } from "@gridledger/protocol/api/access";
import type { RouteInput } from "@gridledger/protocol/api/contract";
import { Command } from "commander";
import { examples } from "../../help.ts";
import { connectHub, type HubOptions, withHubOptions } from "../../hub/connect.ts";
import { printAnswer } from "../../output.ts";
import { parseRoles } from "./parse-access.ts";

type Change = RouteInput<"changeUser">["body"];

export function userDisableCommand(): Command {
  return withHubOptions(new Command("disable"))
    .description("Keep a user out; sessions and tokens end at once")
    .argument("<name>")
    .addHelpText("after", examples("gridledger user disable li.na"))
    .action((name: string, options: HubOptions) => change(name, { enabled: false }, options));
}

export function userEnableCommand(): Command {
  return withHubOptions(new Command("enable"))
    .description("Let a disabled user in again; revoked tokens stay revoked")
    .argument("<name>")
    .addHelpText("after", examples("gridledger user enable li.na"))
    .action((name: string, options: HubOptions) => change(name, { enabled: true }, options));
}

export function userSetRolesCommand(): Command {
  return withHubOptions(new Command("set-roles"))
    .description("Give a user these roles and no others; sessions end")
    .argument("<name>")
    .argument("<roles>", 'roles, with commas between them; "" for none', parseRoles)
    .addHelpText("after", examples("gridledger user set-roles li.na auditor,custodian"))
    .action((name: string, roles: RestRole[], options: HubOptions) =>
      change(name, { roles }, options),
    );
}

async function change(name: string, body: Change, options: HubOptions): Promise<void> {
  const answer = await connectHub(options).call("changeUser", { params: { user: name }, body });
  const { roles, enabled } = answer.user;
  printAnswer(options, answer, () => [
    `${name} is ${enabled ? "enabled" : "disabled"} · roles: ${roles.join(", ") || "none"}`,
  ]);
}
