import { existsSync } from "node:fs";
import type { Suite } from "@gridledger/protocol/crypto/suite";
import { suiteByName } from "@gridledger/protocol/crypto/suites";
import { AuthorityFolder } from "../../ca/authority-folder.ts";
import type { Home } from "./home.ts";

/** Outside suites have 256–65535. */
const FIRST_OUTSIDE_ID = 256;
const DAY_MS = 86_400_000;
/** Long before it ends: a hub may run for a year without a start. */
const RENEW_ROOT_CRL_MS = 200 * DAY_MS;

/** Names of a network that nobody has named. */
export const DEFAULT_CONSORTIUM = "Gridledger";
export const DEFAULT_ORGANISATION = "Gridledger";

export function authorityFolder(home: Home, suite: Suite): AuthorityFolder {
  return new AuthorityFolder({ suite, folder: home.ca, unlockFile: home.caUnlock });
}

/** Whether X.509 knows the suite's keys: those of outside packages have no name in it. */
export function certifies(suiteName: string): boolean {
  return suiteByName(suiteName).id < FIRST_OUTSIDE_ID;
}

/**
 * A root and an issuing authority where the home has none, keys sealed under a random secret beside
 * the other keys. A root whose key is at hand keeps its CRL fresh; one that was carried away does not.
 */
export function provisionAuthority(home: Home, suite: Suite, nowMs: number): void {
  if (!certifies(suite.name)) return;
  const files = authorityFolder(home, suite);
  if (!files.exists) {
    files.createRoot(DEFAULT_CONSORTIUM, nowMs);
    files.createIssuing(DEFAULT_ORGANISATION, nowMs);
    return;
  }
  const isDue = files.rootCrl().nextUpdateMs - nowMs < RENEW_ROOT_CRL_MS;
  if (isDue && existsSync(files.rootKeyFile)) files.renewRootCrl(nowMs);
}
