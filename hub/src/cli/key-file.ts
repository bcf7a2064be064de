import { createPrivateKey } from "node:crypto";
import { existsSync, statSync, writeFileSync } from "node:fs";
import type { Signer, Suite } from "@gridledger/protocol/crypto/suite";
import { suiteByName } from "@gridledger/protocol/crypto/suites";
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
    const fault = fileFault(path, thrown);
    if (!existsSync(path)) throw fault;
    const detail = `${path} exists and a key is never overwritten: choose another path`;
    throw new Fault("FILE_UNREADABLE", detail, { cause: thrown });
  }
  return suite.signer(pkcs8);
}

/** @throws Fault FILE_UNREADABLE, KEY_INVALID, also where others may read the file */
export function readKeyFile(suite: Suite, path: string): Signer {
  const bytes = readBytes(path);
  if (process.platform !== "win32" && (statSync(path).mode & 0o077) !== 0) {
    throw new Fault("KEY_INVALID", `${path} can be read by others: chmod 600 it`);
  }
  try {
    const pkcs8 = bytes.includes(BEGIN) ? decodePem(bytes) : bytes;
    return signerOf(suite, pkcs8, path);
  } catch (cause) {
    if (cause instanceof Fault && cause.message.startsWith(path)) throw cause;
    throw new Fault("KEY_INVALID", `${path} is not a PKCS#8 private key`, { cause });
  }
}

function decodePem(bytes: Buffer): Uint8Array {
  return createPrivateKey(bytes.toString("latin1")).export({ format: "der", type: "pkcs8" });
}

function signerOf(suite: Suite, pkcs8: Uint8Array, path: string): Signer {
  try {
    return suite.signer(pkcs8);
  } catch (cause) {
    const other = ["international", "sm"].find((name) => isKeyOf(suiteByName(name), pkcs8));
    if (other === undefined) throw cause;
    const detail = `${path}: the key is for another suite, ${other}; the chain uses ${suite.name}`;
    throw new Fault("KEY_INVALID", detail, { cause });
  }
}

function isKeyOf(suite: Suite, pkcs8: Uint8Array): boolean {
  try {
    suite.signer(pkcs8);
    return true;
  } catch {
    return false;
  }
}
