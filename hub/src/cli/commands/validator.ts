import { Command } from "commander";
import { validatorApproveCommand } from "./validator-approve.ts";
import { validatorListCommand } from "./validator-list.ts";
import { validatorProposeAddCommand, validatorProposeRemoveCommand } from "./validator-propose.ts";

export function validatorCommand(): Command {
  return new Command("validator")
    .description("See and change who the validators are, by vote")
    .addCommand(validatorListCommand())
    .addCommand(validatorProposeAddCommand())
    .addCommand(validatorProposeRemoveCommand())
    .addCommand(validatorApproveCommand());
}
