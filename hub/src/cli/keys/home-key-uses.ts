import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { KEY_USES_FILE, type KeyUseCount, keyUseCounts } from "@gridledger/protocol/keys/key-uses";
import type { Home } from "../network/home.ts";

/** What the home's processes have counted of a module's key. */
export function homeKeyUses({ root }: Home, module: string): KeyUseCount[] {
  const processes = existsSync(root) ? readdirSync(root, { withFileTypes: true }) : [];
  return processes
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => join(root, name, KEY_USES_FILE))
    .filter((file) => existsSync(file))
    .flatMap((file) => keyUseCounts(readFileSync(file, "utf8")))
    .filter((use) => use.module === module);
}
