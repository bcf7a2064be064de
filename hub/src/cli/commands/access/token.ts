import { Command } from "commander";
import { tokenCreateCommand } from "./token-create.ts";
import { tokenListCommand } from "./token-list.ts";
import { tokenRevokeCommand } from "./token-revoke.ts";

export function tokenCommand(): Command {
  return new Command("token")
    .description("API tokens: for programs, instead of a session")
    .addCommand(tokenListCommand())
    .addCommand(tokenCreateCommand())
    .addCommand(tokenRevokeCommand());
}
