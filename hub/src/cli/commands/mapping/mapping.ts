import { Command } from "commander";
import { mappingAddCommand } from "./mapping-add.ts";
import { mappingDeclareCommand } from "./mapping-declare.ts";
import { mappingFindingsCommand } from "./mapping-findings.ts";
import { mappingListCommand } from "./mapping-list.ts";
import { mappingShowCommand } from "./mapping-show.ts";
import { mappingVerifyRowCommand } from "./mapping-verify-row.ts";
import {
  mappingPauseCommand,
  mappingResumeCommand,
  mappingRunCommand,
  mappingSweepCommand,
} from "./mapping-work.ts";

export function mappingCommand(): Command {
  return new Command("mapping")
    .description("Anchor tables of other databases, and see whether anybody changed them")
    .addCommand(mappingAddCommand())
    .addCommand(mappingListCommand())
    .addCommand(mappingShowCommand())
    .addCommand(mappingRunCommand())
    .addCommand(mappingSweepCommand())
    .addCommand(mappingPauseCommand())
    .addCommand(mappingResumeCommand())
    .addCommand(mappingDeclareCommand())
    .addCommand(mappingFindingsCommand())
    .addCommand(mappingVerifyRowCommand());
}
