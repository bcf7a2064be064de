import { Command } from "commander";
import { approveCommand } from "./governance-approve.ts";
import { validatorListCommand } from "./validator-list.ts";
import {
  validatorProposeAddCommand,
  validatorProposeRemoveCommand,
  validatorProposeReplaceCommand,
} from "./validator-propose.ts";
import { validatorReleaseCommand } from "./validator-release.ts";

export function validatorCommand(): Command {
  return new Command("validator")
    .description("See and change who the validators are, by vote")
    .addCommand(validatorListCommand())
    .addCommand(validatorProposeAddCommand())
    .addCommand(validatorProposeRemoveCommand())
    .addCommand(validatorProposeReplaceCommand())
    .addCommand(approveCommand())
    .addCommand(validatorReleaseCommand());
}
