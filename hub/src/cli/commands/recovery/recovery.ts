import { Command } from "commander";
import { recoveryCollectCommand } from "./recovery-collect.ts";
import { recoveryDepositCommand } from "./recovery-deposit.ts";
import { recoveryCustodiansCommand, recoveryListCommand } from "./recovery-list.ts";
import { recoveryReleaseCommand } from "./recovery-release.ts";
import { recoveryRequestCommand } from "./recovery-request.ts";
import { recoveryNoticesCommand, recoveryShowCommand } from "./recovery-show.ts";

export function recoveryCommand(): Command {
  return new Command("recovery")
    .description("Have an encryption key kept by custodians, and get it back with their shares")
    .addCommand(recoveryCustodiansCommand())
    .addCommand(recoveryDepositCommand())
    .addCommand(recoveryRequestCommand())
    .addCommand(recoveryReleaseCommand())
    .addCommand(recoveryCollectCommand())
    .addCommand(recoveryListCommand())
    .addCommand(recoveryShowCommand())
    .addCommand(recoveryNoticesCommand());
}
