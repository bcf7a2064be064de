import type { RouteInput } from "@gridledger/protocol/api/contract";
import { Command } from "commander";
import { examples } from "../help.ts";
import { connectHub, type HubOptions, withHubOptions } from "../hub/connect.ts";
import { formatTime, printAnswer } from "../output.ts";
import { parseInteger } from "../parse-integer.ts";

type Role = RouteInput<"createEnrolmentCode">["body"]["role"];

interface CodeOptions extends HubOptions {
  readonly role: Role;
  readonly hours: number;
  readonly authority?: string;
}

export function caCodeCommand(): Command {
  return withHubOptions(new Command("code"))
    .description("Make a one-time enrolment code for one subject; it is shown this once")
    .argument("<name>", "who may use it")
    .option("--role <role>", "what the subject will be", "device")
    .option("--hours <count>", "how long it may be used", parseInteger, 24)
    .option("--authority <id>", "which issuing authority; default: the first")
    .addHelpText(
      "after",
      examples("gridledger ca code gateway-7 --user operator --password-file p"),
    )
    .action(run);
}

async function run(name: string, options: CodeOptions): Promise<void> {
  const { role, hours, authority } = options;
  const body = { name, role, hours, ...(authority !== undefined && { authority }) };
  const answer = await connectHub(options).call("createEnrolmentCode", { body });
  printAnswer(options, answer, () => [
    answer.code,
    `for ${name} (${role}), until ${formatTime(answer.expiresMs)}; it is not shown again`,
  ]);
}
