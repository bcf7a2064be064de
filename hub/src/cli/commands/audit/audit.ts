import { Command } from "commander";
import { auditVerifyCommand } from "./audit-verify.ts";

export function auditCommand(): Command {
  return new Command("audit")
    .description("See whether anybody changed the hub's audit log")
    .addCommand(auditVerifyCommand());
}
