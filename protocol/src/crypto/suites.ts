import { asFault, Fault } from "../faults.ts";
import { guardedSuite } from "./guarded-suite.ts";
import { international } from "./international.ts";
import { sm } from "./sm.ts";
import type { Suite } from "./suite.ts";
import {
  checkSuiteNumbers,
  readSuitePackage,
  type SuitePackage,
  testSuitePackage,
} from "./suite-package.ts";

/**
 * Suite numbers on the wire, never reused: 1 international · 2 sm · 3–255 reserved · 256–65535 outside
 * packages. COSE algorithms: −7 international · −65537 sm.
 */
const builtIn: readonly Suite[] = [international, sm];
const outside = new Map<string, Suite>();

function allSuites(): Suite[] {
  return [...builtIn, ...outside.values()];
}

/** @throws Fault SUITE_UNKNOWN */
export function suiteById(id: number): Suite {
  const found = allSuites().find((suite) => suite.id === id);
  if (found === undefined) throw new Fault("SUITE_UNKNOWN", `no crypto suite has the number ${id}`);
  return found;
}

/** @throws Fault SUITE_UNKNOWN */
export function suiteByName(name: string): Suite {
  const suites = allSuites();
  const found = suites.find((suite) => suite.name === name);
  if (found === undefined) {
    const known = suites.map((suite) => suite.name).join(", ");
    throw new Fault("SUITE_UNKNOWN", `no crypto suite is called "${name}"; known: ${known}`);
  }
  return found;
}

/**
 * Makes an outside suite usable in this process (guide §4.1.1 c), once its vectors have passed. When a
 * channel may change to it is for the channel's governance to say, not for this table.
 * @throws Fault SUITE_REFUSED: numbers or name not free; SUITE_SELF_TEST: a vector fails
 */
export function registerSuite(suitePackage: SuitePackage): Suite {
  const { packageName, suite } = suitePackage;
  checkSuiteNumbers(suite);
  const rival = allSuites().find(
    ({ id, name, coseAlgorithm }) =>
      id === suite.id || name === suite.name || coseAlgorithm === suite.coseAlgorithm,
  );
  if (rival !== undefined) {
    throw new Fault(
      "SUITE_REFUSED",
      `${packageName}: a number or the name belongs to ${rival.name}`,
    );
  }
  try {
    testSuitePackage(suitePackage);
  } catch (thrown) {
    const cause = asFault(thrown, "SUITE_SELF_TEST");
    throw new Fault("SUITE_SELF_TEST", `${packageName}: ${cause.message}`, { cause });
  }
  const usable = guardedSuite(suite);
  outside.set(packageName, usable);
  return usable;
}

/**
 * Imports an outside package by its name and registers its suite; a second call gives the same suite.
 * @throws Fault SUITE_REFUSED, SUITE_SELF_TEST
 */
export async function loadSuite(
  packageName: string,
  load: (name: string) => Promise<unknown> = (name) => import(name),
): Promise<Suite> {
  const known = outside.get(packageName);
  if (known !== undefined) return known;
  let exported: unknown;
  try {
    exported = await load(packageName);
  } catch (cause) {
    throw new Fault("SUITE_REFUSED", `${packageName} cannot be imported; install it`, { cause });
  }
  return registerSuite(readSuitePackage(packageName, exported));
}
