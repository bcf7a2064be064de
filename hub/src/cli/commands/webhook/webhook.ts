import { Command } from "commander";
import { webhookAddCommand } from "./webhook-add.ts";
import { webhookDeadCommand } from "./webhook-dead.ts";
import { webhookListCommand } from "./webhook-list.ts";
import { webhookRemoveCommand } from "./webhook-remove.ts";

export function webhookCommand(): Command {
  return new Command("webhook")
    .description("Contract events and alarms by HTTP: signed, retried, none lost")
    .addCommand(webhookAddCommand())
    .addCommand(webhookListCommand())
    .addCommand(webhookDeadCommand())
    .addCommand(webhookRemoveCommand());
}
