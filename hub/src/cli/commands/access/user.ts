import { Command } from "commander";
import { userAddCommand } from "./user-add.ts";
import { userDisableCommand, userEnableCommand, userSetRolesCommand } from "./user-change.ts";
import { userListCommand } from "./user-list.ts";
import { userPasswordCommand } from "./user-password.ts";
import { userResetPasswordCommand } from "./user-reset-password.ts";

export function userCommand(): Command {
  return new Command("user")
    .description("Manage who may use a hub, and as what")
    .addCommand(userListCommand())
    .addCommand(userAddCommand())
    .addCommand(userDisableCommand())
    .addCommand(userEnableCommand())
    .addCommand(userSetRolesCommand())
    .addCommand(userResetPasswordCommand())
    .addCommand(userPasswordCommand());
}
