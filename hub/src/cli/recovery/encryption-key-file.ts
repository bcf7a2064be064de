import { existsSync } from "node:fs";
import { readPrivate } from "@gridledger/edge-node/key-files";
import type { Opener, Suite } from "@gridledger/protocol/crypto/suite";
import { Fault } from "@gridledger/protocol/faults";
import { isKeyPage } from "@gridledger/protocol/keys/held-key";
import { encodePem, privateKeyOf, writeNewFile } from "../key-file.ts";

/** An encryption key as PKCS#8. @throws Fault RECOVERY_SIGNING_KEY for a key page, FILE_UNREADABLE, KEY_INVALID */
export function readEncryptionKey(path: string): Uint8Array {
  const bytes = readPrivate(path);
  if (isKeyPage(bytes))
    throw new Fault("RECOVERY_SIGNING_KEY", `${path} is a page of a key that signs`);
  return privateKeyOf(bytes, path);
}

/** The key of the file, made where there is none: it never leaves this machine. */
export function ownOpener(suite: Suite, path: string): Opener {
  if (!existsSync(path)) saveEncryptionKey(path, suite.generateSealingKey());
  return suite.opener(readEncryptionKey(path));
}

/** @throws Fault FILE_UNREADABLE, also where it exists */
export function saveEncryptionKey(path: string, pkcs8: Uint8Array): void {
  writeNewFile(path, encodePem(pkcs8));
}
