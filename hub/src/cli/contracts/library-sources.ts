import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** How contracts import the channel's library. */
export const LIBRARY_PREFIX = "@gridledger/contracts/";

/** Solidity sources of the library: in `dist/` beside this file's bundle, or in `protocol/` of the sources. */
export function librarySources(): string {
  const bundled = new URL("contracts/", import.meta.url);
  const isSource = new URL(".", import.meta.url).pathname.endsWith("/hub/src/cli/contracts/");
  const folder = isSource ? new URL("../../../../protocol/contracts/", import.meta.url) : bundled;
  if (!existsSync(folder)) throw new Error(`${folder.pathname} is missing`);
  return fileURLToPath(folder);
}
