import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Home } from "../network/home.ts";
import { type Finding, fail, ok } from "./check.ts";
import { queryOnce } from "./query-once.ts";

const STORE = /\.(?:db|sqlite3?)$/;

/** Reads every store file of the home from end to end, and names each that is damaged. */
export async function checkStores(home: Home): Promise<Finding[]> {
  const damaged: Finding[] = [];
  let sound = 0;
  let inUse = 0;
  for (const file of listStores(home.root)) {
    const answer = await examine(file);
    if (answer === "ok") sound++;
    else if (answer.startsWith("SQLITE_BUSY")) inUse++;
    else {
      const advice = "restore it from a copy, or remove it to sync again";
      damaged.push(fail("stores", `${file} is damaged (${answer}): ${advice}`));
    }
  }
  const busy = inUse === 0 ? "" : `, ${inUse} in use by processes that checked them at their start`;
  return damaged.length > 0 ? damaged : [ok("stores", `${sound} store files are sound${busy}`)];
}

/** What SQLite says of the file; "ok" where it finds nothing. */
async function examine(file: string): Promise<string> {
  try {
    const [row] = await queryOnce(file, "PRAGMA quick_check(1)");
    return String(row?.quick_check);
  } catch (thrown) {
    return thrown instanceof Error ? thrown.message : String(thrown);
  }
}

function listStores(directory: string): string[] {
  if (!statSync(directory, { throwIfNoEntry: false })?.isDirectory()) return [];
  return readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) return listStores(path);
    return STORE.test(entry.name) ? [path] : [];
  });
}
