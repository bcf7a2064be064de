import { Command } from "commander";
import { marketBookCommand } from "./market-book.ts";
import { marketOrderCommand } from "./market-order.ts";
import { marketSettleCommand } from "./market-settle.ts";
import { marketStatementCommand } from "./market-statement.ts";

export function marketCommand(): Command {
  return new Command("market")
    .description("Trade energy: order, look at the book, settle, see a statement")
    .addCommand(marketOrderCommand())
    .addCommand(marketBookCommand())
    .addCommand(marketSettleCommand())
    .addCommand(marketStatementCommand());
}
