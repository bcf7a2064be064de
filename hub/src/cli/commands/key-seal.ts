import { suiteByName } from "@gridledger/protocol/crypto/suites";
import { Command } from "commander";
import { examples } from "../help.ts";
import { DEFAULT_KEY_DAYS, HomeKeys } from "../keys/home-keys.ts";
import { chooseHome } from "../network/home.ts";
import { HomeLock } from "../network/home-lock.ts";
import { DEFAULT_ORGANISATION } from "../network/provision-authority.ts";
import { resolveSettings } from "../network/settings.ts";
import { printAnswer } from "../output.ts";
import { parseInteger } from "../parse-integer.ts";

interface SealOptions {
  readonly home?: string;
  readonly owner: string;
  readonly days: number;
  readonly json?: boolean;
}

/** For homes from before there were pages. */
export function keySealCommand(): Command {
  return new Command("seal")
    .description("Seal the keys of a home that lie in the clear; the network must not run")
    .option("--home <directory>", "home of the network (env GRIDLEDGER_HOME)")
    .option("--owner <name>", "who must rotate them in time", DEFAULT_ORGANISATION)
    .option("--days <count>", "how long they are good from now on", parseInteger, DEFAULT_KEY_DAYS)
    .option("--json", "print JSON")
    .addHelpText("after", examples("gridledger key seal --owner 'City Utility' --days 180"))
    .action(run);
}

async function run(options: SealOptions): Promise<void> {
  const home = chooseHome(options.home);
  const suite = suiteByName(resolveSettings(home, {}).suite);
  const keys = new HomeKeys(home);
  const names = keys.clear();
  // Processes that run were told where the clear keys are: they could not start again.
  const lock = await HomeLock.take(home);
  try {
    const { owner, days } = options;
    for (const name of names) keys.seal(suite, name, { owner, fromMs: Date.now(), days });
  } finally {
    await lock.release();
  }
  printAnswer(options, { sealed: names }, () =>
    names.length === 0
      ? ["no key lies in the clear"]
      : names.map((name) => `${name}: sealed in ${home.page(name)}`),
  );
}
