import { fileURLToPath } from "node:url";

/**
 * Path of a process's bundle in `dist/`, which `npm test` builds first: it starts in a fifth of the
 * time that the sources take.
 */
export function bundleOf(process: "firmware-bridge" | "hub"): string {
  return fileURLToPath(new URL(`../../dist/${process}.mjs`, import.meta.url));
}
