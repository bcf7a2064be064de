import { readPrivate } from "@gridledger/edge-node/key-files";
import { identityId } from "@gridledger/protocol/crypto/identity-id";
import { suiteByName } from "@gridledger/protocol/crypto/suites";
import { formatHex } from "@gridledger/protocol/hex";
import { Command } from "commander";
import { makeDirectory } from "../files.ts";
import { examples } from "../help.ts";
import { privateKeyOf } from "../key-file.ts";
import { DEFAULT_KEY_DAYS, HomeKeys } from "../keys/home-keys.ts";
import { chooseHome } from "../network/home.ts";
import { DEFAULT_ORGANISATION } from "../network/provision-authority.ts";
import { resolveSettings } from "../network/settings.ts";
import { formatTable, printAnswer } from "../output.ts";
import { parseInteger } from "../parse-integer.ts";

interface ImportOptions {
  readonly as: string;
  readonly home?: string;
  readonly suite?: string;
  readonly owner: string;
  readonly days: number;
  readonly json?: boolean;
}

export function keyImportCommand(): Command {
  return new Command("import")
    .description("Seal a PKCS#8 key into a page of the home; the file itself stays as it is")
    .argument("<file>", "PKCS#8, PEM or DER")
    .requiredOption("--as <name>", "the module that will use it; names the page")
    .option("--home <directory>", "home of the network (env GRIDLEDGER_HOME)")
    .option("--suite <name>", "crypto suite; default: the home's")
    .option("--owner <name>", "who must rotate it in time", DEFAULT_ORGANISATION)
    .option("--days <count>", "how long it is good from now on", parseInteger, DEFAULT_KEY_DAYS)
    .option("--json", "print JSON")
    .addHelpText("after", examples("gridledger key import gateway-7.key --as gateway-7"))
    .action(run);
}

function run(file: string, options: ImportOptions): void {
  const home = chooseHome(options.home);
  const suite = suiteByName(options.suite ?? resolveSettings(home, {}).suite);
  makeDirectory(home.keys);
  const { as: name, owner, days } = options;
  const pkcs8 = privateKeyOf(readPrivate(file), file);
  const period = { owner, fromMs: Date.now(), days };
  const { publicKey } = new HomeKeys(home).create(suite, name, period, pkcs8);
  const id = formatHex(identityId(suite.hash, publicKey));
  const answer = { page: home.page(name), suite: suite.name, id };
  printAnswer(options, answer, () => formatTable(Object.entries(answer)));
}
