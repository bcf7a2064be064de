import { suiteByName } from "@gridledger/protocol/crypto/suites";
import { formatName } from "@gridledger/protocol/pki/names";
import { Command } from "commander";
import type { OfflineRoot } from "../../ca/authority-folder.ts";
import { makeDirectory } from "../files.ts";
import { examples } from "../help.ts";
import { readSecret } from "../hub/session.ts";
import { chooseHome } from "../network/home.ts";
import {
  authorityFolder,
  DEFAULT_CONSORTIUM,
  DEFAULT_ORGANISATION,
} from "../network/provision-authority.ts";
import { readSavedSettings } from "../network/settings.ts";
import { formatTable, formatTime, printAnswer } from "../output.ts";

interface InitOptions {
  readonly home?: string;
  readonly suite?: string;
  readonly consortium: string;
  readonly organisation: string;
  readonly rootDirectory?: string;
  readonly passphraseFile?: string;
  readonly json?: boolean;
}

export function caInitCommand(): Command {
  return new Command("init")
    .description(
      "Make a root and an issuing authority, or one more issuing authority below the root",
    )
    .option("--home <directory>", "home of the network (env GRIDLEDGER_HOME)")
    .option("--suite <name>", "crypto suite; default: the home's, else international")
    .option("--consortium <name>", "organisation in the root's name", DEFAULT_CONSORTIUM)
    .option(
      "--organisation <name>",
      "organisation that the authority speaks for",
      DEFAULT_ORGANISATION,
    )
    .option("--root-directory <directory>", "keep the root's key there, to be carried away")
    .option("--passphrase-file <file>", "what the root's key is sealed under, - for standard input")
    .option("--json", "print JSON")
    .addHelpText(
      "after",
      examples(
        "gridledger ca init --consortium 'Pearl River Grid' --organisation 'City Utility'",
        "gridledger ca init --organisation 'Retailer' --root-directory /media/root --passphrase-file pass.txt",
      ),
    )
    .action(run);
}

function run(options: InitOptions): void {
  const home = chooseHome(options.home);
  makeDirectory(home.root);
  makeDirectory(home.keys);
  const suite = suiteByName(options.suite ?? readSavedSettings(home)?.suite ?? "international");
  const files = authorityFolder(home, suite);
  const offline = offlineRoot(options);
  const now = Date.now();
  if (!files.exists) files.createRoot(options.consortium, now, offline);
  const { certificate } = files.createIssuing(options.organisation, now, offline);
  const { serial, subject, notAfterMs } = certificate;
  const answer = { folder: home.ca, serial, subject: formatName(subject), notAfterMs };
  printAnswer(options, answer, () => [
    ...formatTable([
      ["root", formatName(files.root().subject)],
      ["authority", answer.subject],
      ["serial", serial],
      ["until", formatTime(notAfterMs)],
      ["files", home.ca],
    ]),
    "The hub takes it up when it starts next.",
  ]);
}

function offlineRoot({ rootDirectory, passphraseFile }: InitOptions): OfflineRoot | undefined {
  if (rootDirectory === undefined) return undefined;
  const passphrase = Buffer.from(readSecret("--passphrase-file", passphraseFile));
  return { folder: rootDirectory, passphrase };
}
