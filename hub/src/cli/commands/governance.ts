import { Command } from "commander";
import { approveCommand } from "./governance-approve.ts";
import { proposeCopiesCommand } from "./governance-copies.ts";
import { proposeAmendmentCommand, proposeErasureCommand } from "./governance-data.ts";
import { governanceListCommand } from "./governance-list.ts";
import {
  proposeEngineCommand,
  proposePolicyCommand,
  proposeSuiteCommand,
} from "./governance-propose.ts";
import { governanceShowCommand } from "./governance-show.ts";

export function governanceCommand(): Command {
  return new Command("governance")
    .description("See and make what the validators decide by vote")
    .addCommand(governanceListCommand())
    .addCommand(governanceShowCommand())
    .addCommand(approveCommand())
    .addCommand(proposePolicyCommand())
    .addCommand(proposeEngineCommand())
    .addCommand(proposeSuiteCommand())
    .addCommand(proposeAmendmentCommand())
    .addCommand(proposeErasureCommand())
    .addCommand(proposeCopiesCommand());
}
