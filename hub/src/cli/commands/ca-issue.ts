import type { RouteInput } from "@gridledger/protocol/api/contract";
import { Command } from "commander";
import { readBytes } from "../files.ts";
import { examples } from "../help.ts";
import { connectHub, type HubOptions, withHubOptions } from "../hub/connect.ts";
import { printAnswer } from "../output.ts";

interface IssueOptions extends HubOptions {
  readonly name: string;
  readonly role: RouteInput<"createEnrolmentCode">["body"]["role"];
}

/** Where requester and approver may be one: a single operator with a request on a stick. */
export function caIssueCommand(): Command {
  return withHubOptions(new Command("issue"))
    .description("Issue from a request file at once: code, request and approval in one")
    .argument("<request>", "PKCS#10 as PEM")
    .requiredOption("--name <name>", "who the certificate is for")
    .option("--role <role>", "what the subject will be", "device")
    .addHelpText(
      "after",
      examples("gridledger ca issue gateway-7.csr --name gateway-7 > gateway-7.crt"),
    )
    .action(run);
}

async function run(file: string, options: IssueOptions): Promise<void> {
  const { name, role } = options;
  const hub = connectHub(options);
  const signing = readBytes(file).toString("utf8");
  const { code } = await hub.call("createEnrolmentCode", { body: { name, role } });
  const { id } = await hub.call("submitCertificateRequest", { body: { code, signing } });
  const answer = await hub.call("approveCertificateRequest", { params: { id } });
  printAnswer(options, answer, () => [answer.certificates.join("").trimEnd()]);
}
