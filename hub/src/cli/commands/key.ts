import { Command } from "commander";
import { keyDeliverCommand, keyFetchCommand } from "./key-deliver.ts";
import { keyImportCommand } from "./key-import.ts";
import { keyListCommand, keyOverdueCommand } from "./key-list.ts";
import { keyRotateCommand } from "./key-rotate.ts";
import { keySealCommand } from "./key-seal.ts";

export function keyCommand(): Command {
  return new Command("key")
    .description(
      "Keep the keys of a home sealed: list, import, seal, rotate, see what is overdue; hand keys over sealed",
    )
    .addCommand(keyListCommand())
    .addCommand(keyOverdueCommand())
    .addCommand(keyImportCommand())
    .addCommand(keySealCommand())
    .addCommand(keyDeliverCommand())
    .addCommand(keyFetchCommand())
    .addCommand(keyRotateCommand());
}
