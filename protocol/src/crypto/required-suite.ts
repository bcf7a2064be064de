import { Fault } from "../faults.ts";
import type { Suite } from "./suite.ts";
import { suiteById } from "./suites.ts";

/** Suites from outside packages have these numbers and up (`suites.ts`). */
const FIRST_OUTSIDE_ID = 256;

interface RequiredSuite {
  readonly suiteId: number;
  /** npm package that exports it; empty where nobody has said. */
  readonly packageName: string;
}

/**
 * The suite that a vote or a genesis names, as this process has it: loaded, and its vectors passed
 * (guide §4.1.1 c).
 *
 * @throws Fault SUITE_MISSING saying what to install
 */
export function requireSuite({ suiteId, packageName }: RequiredSuite): Suite {
  try {
    return suiteById(suiteId);
  } catch (cause) {
    const what = packageName || (suiteId < FIRST_OUTSIDE_ID ? "a newer version" : "its package");
    throw new Fault("SUITE_MISSING", `suite ${suiteId} is not here: install ${what}`, { cause });
  }
}
