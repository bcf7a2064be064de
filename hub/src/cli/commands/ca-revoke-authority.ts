import { existsSync } from "node:fs";
import type { RouteInput } from "@gridledger/protocol/api/contract";
import { suiteByName } from "@gridledger/protocol/crypto/suites";
import { Command } from "commander";
import type { OfflineRoot } from "../../ca/authority-folder.ts";
import { examples } from "../help.ts";
import { connectHub, type HubOptions, withHubOptions } from "../hub/connect.ts";
import { readSecret } from "../hub/session.ts";
import { chooseHome } from "../network/home.ts";
import { authorityFolder } from "../network/provision-authority.ts";
import { resolveSettings } from "../network/settings.ts";
import { printAnswer } from "../output.ts";

interface RevokeOptions extends HubOptions {
  readonly reason: RouteInput<"revokeAuthority">["body"]["reason"];
  readonly rootDirectory?: string;
  readonly passphraseFile?: string;
}

export function caRevokeAuthorityCommand(): Command {
  return withHubOptions(new Command("revoke-authority"))
    .description(
      "Take an issuing authority back, for good: all that it issued is refused from one block on; seats and operators stand",
    )
    .argument("<authority>", "its id, from `gridledger ca show`")
    .requiredOption(
      "--reason <reason>",
      "unspecified, authorityCompromise, affiliationChanged, superseded, cessationOfOperation",
    )
    .option("--root-directory <directory>", "where the root's key lies, for the root's own list")
    .option("--passphrase-file <file>", "what the root's key is sealed under, - for standard input")
    .addHelpText(
      "after",
      examples("gridledger ca revoke-authority 3f… --reason authorityCompromise --user operator"),
    )
    .action(run);
}

async function run(id: string, options: RevokeOptions): Promise<void> {
  const { reason } = options;
  const input = { params: { id }, body: { reason } };
  const answer = await connectHub(options).call("revokeAuthority", input);
  const isListed = listAtRoot(answer.serial, options);
  printAnswer(options, { ...answer, isListed }, () => [
    `${answer.organisation} (${id}) is revoked; ${answer.height === null ? "the chain will hear of it" : `nothing of it is taken from block ${answer.height} on`}.`,
    isListed
      ? "The root's list names it."
      : "The root's list does not name it yet: say it again with --root-directory, where the root's key is.",
  ]);
}

/** In the root's CRL, for programs that know nothing of the chain. False where its key is not at hand. */
function listAtRoot(serial: string, options: RevokeOptions): boolean {
  const home = chooseHome(options.home);
  const files = authorityFolder(home, suiteByName(resolveSettings(home, {}).suite));
  const { rootDirectory, passphraseFile, reason } = options;
  if (!files.exists) return false;
  if (files.rootCrl().revoked.has(serial)) return true;
  if (rootDirectory === undefined && !existsSync(files.rootKeyFile)) return false;
  const offline: OfflineRoot | undefined =
    rootDirectory === undefined
      ? undefined
      : {
          folder: rootDirectory,
          passphrase: Buffer.from(readSecret("--passphrase-file", passphraseFile)),
        };
  const revokedAtMs = Math.floor(Date.now() / 1_000) * 1_000;
  files.renewRootCrl(Date.now(), new Map([[serial, { revokedAtMs, reason }]]), offline);
  return true;
}
