import { Fault } from "@gridledger/protocol/faults";
import { Command } from "commander";
import { examples } from "../../help.ts";
import { connectHub, type HubOptions, withHubOptions } from "../../hub/connect.ts";
import { askSecret, readFirstLine } from "../../hub/secret.ts";
import { readCredentials } from "../../hub/session.ts";
import { printAnswer } from "../../output.ts";

interface PasswordOptions extends HubOptions {
  readonly newPasswordFile?: string;
}

export function userPasswordCommand(): Command {
  return withHubOptions(new Command("change-password"))
    .description("Choose a new password of your own, as after a one-time one")
    .option("--new-password-file <file>", "the new password; without it the terminal is asked")
    .addHelpText("after", examples("gridledger user change-password --user li.na"))
    .action(run);
}

async function run(options: PasswordOptions): Promise<void> {
  const credentials = readCredentials(options);
  if (credentials === undefined) throw new Fault("USAGE_INVALID", "say who you are with --user");
  const current = await credentials.password();
  const next = await newPassword(options.newPasswordFile);
  const { user } = credentials;
  const hub = connectHub(options, { user, password: () => Promise.resolve(current) });
  const answer = await hub.call("changePassword", { body: { current, next } });
  printAnswer(options, { user, changed: true }, () => [
    `The new password of ${answer.user} is valid from now on.`,
  ]);
}

async function newPassword(file: string | undefined): Promise<string> {
  if (file !== undefined) return readFirstLine(file);
  if (!process.stdin.isTTY) throw new Fault("USAGE_INVALID", "give --new-password-file <file>");
  const next = await askSecret("New password: ");
  if (next === (await askSecret("New password again: "))) return next;
  throw new Fault("USAGE_INVALID", "the two new passwords are not the same");
}
