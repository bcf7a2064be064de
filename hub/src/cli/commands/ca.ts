import { Command } from "commander";
import { caCodeCommand } from "./ca-code.ts";
import { caExportCommand } from "./ca-export.ts";
import { caInitCommand } from "./ca-init.ts";
import { caIssueCommand } from "./ca-issue.ts";
import { caListCommand } from "./ca-list.ts";
import { caApproveCommand, caRejectCommand, caRequestsCommand } from "./ca-requests.ts";
import { caCrlCommand, caRevokeCommand } from "./ca-revoke.ts";
import { caRevokeAuthorityCommand } from "./ca-revoke-authority.ts";
import { caShowCommand } from "./ca-show.ts";

export function caCommand(): Command {
  return new Command("ca")
    .description("Run the certificate authority: invite, approve, issue, revoke")
    .addCommand(caInitCommand())
    .addCommand(caShowCommand())
    .addCommand(caListCommand())
    .addCommand(caCodeCommand())
    .addCommand(caRequestsCommand())
    .addCommand(caApproveCommand())
    .addCommand(caRejectCommand())
    .addCommand(caIssueCommand())
    .addCommand(caRevokeCommand())
    .addCommand(caRevokeAuthorityCommand())
    .addCommand(caCrlCommand())
    .addCommand(caExportCommand());
}
