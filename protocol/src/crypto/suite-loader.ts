import { createRequire } from "node:module";
import { isAbsolute, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { Fault } from "../faults.ts";
import type { Suite } from "./suite.ts";
import { loadSuite } from "./suites.ts";

/**
 * Makes the outside suites of a process usable, before it reads its genesis (guide §4.1.1 c). Their
 * vectors run now: one that fails ends the start.
 *
 * @param packages npm names, looked up from `folder` and then from this installation; or paths
 * @throws Fault SUITE_REFUSED, SUITE_SELF_TEST
 */
export async function loadSuites(
  packages: readonly string[],
  folder: string,
): Promise<readonly Suite[]> {
  const suites: Suite[] = [];
  for (const given of packages) suites.push(await loadOne(sourceIn(folder, given), folder));
  return suites;
}

/** A path made absolute; an npm name as it is. */
export function sourceIn(folder: string, given: string): string {
  return /^\.{1,2}[/\\]/.test(given) ? resolve(folder, given) : given;
}

async function loadOne(given: string, folder: string): Promise<Suite> {
  const exported = await importFrom(given, folder);
  if (!isAbsolute(given)) return loadSuite(given, async () => exported);
  const own = (exported as { suitePackage?: { packageName?: unknown } }).suitePackage?.packageName;
  return loadSuite(typeof own === "string" && own !== "" ? own : given, async () => exported);
}

async function importFrom(given: string, folder: string): Promise<unknown> {
  try {
    return await import(pathToFileURL(resolveFrom(given, folder)).href);
  } catch (cause) {
    const where = isAbsolute(given) ? given : `${given} (from ${folder})`;
    const detail = `${where} cannot be loaded; install it here: ${String(cause)}`;
    throw new Fault("SUITE_REFUSED", detail, { cause });
  }
}

function resolveFrom(given: string, folder: string): string {
  try {
    return createRequire(join(folder, "config.json")).resolve(given);
  } catch {
    return createRequire(import.meta.url).resolve(given);
  }
}
