import { Command } from "commander";
import { certRenewCommand } from "./cert-renew.ts";
import { certRequestCommand } from "./cert-request.ts";
import { certShowCommand } from "./cert-show.ts";
import { certVerifyCommand } from "./cert-verify.ts";

export function certCommand(): Command {
  return new Command("cert")
    .description("Certificates of a device or a person: request, renew, show, verify")
    .addCommand(certRequestCommand())
    .addCommand(certRenewCommand())
    .addCommand(certShowCommand())
    .addCommand(certVerifyCommand());
}
