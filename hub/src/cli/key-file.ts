import { createPrivateKey } from "node:crypto";
import { statSync, writeFileSync } from "node:fs";
import type { Signer, Suite } from "@gridledger/protocol/crypto/suite";
import { Fault } from "@gridledger/protocol/faults";
import { fileFault } from "./errors.ts";
import { readBytes } from "./files.ts";

const BEGIN = "-----BEGIN PRIVATE KEY-----";

/** PKCS#8 as PEM (RFC 7468 §10). */
function encodePem(pkcs8: Uint8Array): string {
  const lines =
    Buffer.from(pkcs8)
      .toString("base64")
      .match(/.{1,64}/g) ?? [];
  return [BEGIN, ...lines, "-----END PRIVATE KEY-----", ""].join("\n");
}

/** Makes a key and keeps it where only its owner reads it; an existing file is never overwritten. */
export function createKeyFile(suite: Suite, path: string): Signer {
  const pkcs8 = suite.generateKey();
  try {
    writeFileSync(path, encodePem(pkcs8), { mode: 0o600, flag: "wx", flush: true });
  } catch (thrown) {
    throw fileFault(path, thrown);
  }
  return suite.signer(pkcs8);
}

/** @throws Fault FILE_UNREADABLE, KEY_INVALID, also where others may read the file */
export function readKeyFile(suite: Suite, path: string): Signer {
  const bytes = readBytes(path);
  if (process.platform !== "win32" && (statSync(path).mode & 0o077) !== 0) {
    throw new Fault("KEY_INVALID", `${path} can be read by others: chmod 600 it`);
  }
  if (!bytes.includes(BEGIN)) return suite.signer(bytes);
  try {
    const key = createPrivateKey(bytes.toString("latin1"));
    return suite.signer(key.export({ format: "der", type: "pkcs8" }));
  } catch (cause) {
    throw new Fault("KEY_INVALID", `${path} is not a PKCS#8 private key`, { cause });
  }
}
