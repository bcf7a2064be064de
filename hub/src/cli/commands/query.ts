import { Command } from "commander";
import { queryBlockCommand } from "./query-block.ts";
import { queryBlocksCommand } from "./query-blocks.ts";
import { queryCompletenessCommand } from "./query-completeness.ts";
import { queryMetersCommand } from "./query-meters.ts";
import { queryReadingsCommand } from "./query-readings.ts";
import { queryTransactionCommand } from "./query-tx.ts";

export function queryCommand(): Command {
  return new Command("query")
    .description("Look up blocks, transactions, meters and readings")
    .addCommand(queryBlocksCommand())
    .addCommand(queryBlockCommand())
    .addCommand(queryTransactionCommand())
    .addCommand(queryMetersCommand())
    .addCommand(queryReadingsCommand())
    .addCommand(queryCompletenessCommand());
}
