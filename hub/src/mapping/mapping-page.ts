import { existsSync, writeFileSync } from "node:fs";
import { readPrivate } from "@gridledger/edge-node/key-files";
import { createSecretPage, openSecretPage } from "@gridledger/protocol/keys/secret-page";

const VALID_MS = 36_525 * 86_400_000;

/**
 * The secret of all salts, from a sealed page that is made at the first start (ADR 021, 030). It is not
 * rotated: old leaves need it for as long as anybody proves with them.
 *
 * @throws Fault FILE_UNREADABLE, KEY_INVALID, KEY_PAGE_INVALID, PASSPHRASE_WRONG
 */
export function openMappingPage(file: string, unlock: Uint8Array, nowMs: number): Uint8Array {
  if (!existsSync(file)) {
    const validity = { validFromMs: nowMs, validUntilMs: nowMs + VALID_MS };
    const page = createSecretPage(unlock, { module: "mapping", owner: "hub", ...validity });
    // Never in another's place: two processes would derive from two secrets.
    writeFileSync(file, page, { mode: 0o600, flag: "wx", flush: true });
  }
  return openSecretPage(unlock, readPrivate(file));
}
