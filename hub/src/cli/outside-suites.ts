import { loadSuites } from "@gridledger/protocol/crypto/suite-loader";
import type { Command } from "commander";
import { chooseHome } from "./network/home.ts";
import { readSavedSettings, suitePackagesIn } from "./network/settings.ts";

interface OutsideOptions {
  readonly home?: string;
  readonly suitePackage?: readonly string[];
}

/** `--suite-package`, once or more; paths are from the working directory. */
export function collectSuitePackages(
  given: string,
  before: readonly string[] | undefined,
): readonly string[] {
  return [...(before ?? []), ...suitePackagesIn(given)];
}

/**
 * Before any command reads a genesis or a key: the packages of the flag, else of the environment, and
 * those that the command's home has saved (guide §4.1.1 c).
 *
 * @throws Fault SUITE_REFUSED, SUITE_SELF_TEST
 */
export async function loadOutsideSuites(command: Command): Promise<void> {
  const { home, suitePackage } = command.optsWithGlobals<OutsideOptions>();
  const given = suitePackage ?? suitePackagesIn(process.env.GRIDLEDGER_SUITE_PACKAGES ?? "");
  const hasHome = command.options.some((option) => option.attributeName() === "home");
  await loadSuites([...given, ...(hasHome ? savedIn(home) : [])], process.cwd());
}

function savedIn(home: string | undefined): readonly string[] {
  try {
    return readSavedSettings(chooseHome(home))?.suitePackages ?? [];
  } catch {
    // The command reads the file again, and says what is wrong with it.
    return [];
  }
}
