import { Command } from "commander";
import { correctionAgreeCommand } from "./correction-agree.ts";
import { correctionListCommand } from "./correction-list.ts";
import { correctionMakeCommand } from "./correction-make.ts";
import { correctionSubmitCommand } from "./correction-submit.ts";

export function correctionCommand(): Command {
  return new Command("correction")
    .description("Correct readings by linked records: make, agree, submit, list")
    .addCommand(correctionMakeCommand())
    .addCommand(correctionAgreeCommand())
    .addCommand(correctionSubmitCommand())
    .addCommand(correctionListCommand());
}
