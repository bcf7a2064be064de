import { type Permission, permissions } from "@gridledger/protocol/api/access";
import { Command } from "commander";
import { examples } from "../../help.ts";
import { connectHub, type HubOptions, withHubOptions } from "../../hub/connect.ts";
import { printAnswer } from "../../output.ts";
import { parsePermission } from "./parse-access.ts";

interface ExplainOptions extends HubOptions {
  readonly resource?: string;
}

export function accessCommand(): Command {
  const explainCommand = withHubOptions(new Command("explain"))
    .description("May this user do that? With the rule that decides")
    .argument("<name>", "a user, or key:<identity>")
    .argument("<permission>", "as ledger.read", parsePermission)
    .option("--resource <attributes>", "of what it is done to: name=value,name=value")
    .addHelpText(
      "after",
      examples("gridledger access explain li.na identity.enrol --resource role=device"),
    )
    .action(explain);
  return new Command("access")
    .description("Ask what the rules of access say")
    .addCommand(explainCommand);
}

async function explain(
  name: string,
  permission: Permission,
  options: ExplainOptions,
): Promise<void> {
  const resource = options.resource ?? "";
  const query = { user: name, permission, resource };
  const answer = await connectHub(options).call("decision", { query });
  const { effect, rule, why, roles } = answer;
  const isAny = resource === "" && permissions[permission].length > 0;
  printAnswer(options, answer, () => [
    `${effect}: ${name} ${effect === "permit" ? "may" : "may not"} ${permission}${isAny ? ", for some resource at least" : ""}`,
    `rule: ${rule === null ? "none" : rule.id}`,
    `why:  ${why.en}`,
    `roles: ${roles.join(", ") || "none"}`,
  ]);
}
