import { createPrivateKey } from "node:crypto";
import { existsSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { readPrivate } from "@gridledger/edge-node/key-files";
import type { Signer, Suite } from "@gridledger/protocol/crypto/suite";
import { suiteByName } from "@gridledger/protocol/crypto/suites";
import { Fault } from "@gridledger/protocol/faults";
import { isKeyPage, keyPageOf, pageSigner } from "@gridledger/protocol/keys/held-key";
import { readUnlock } from "@gridledger/protocol/keys/unlock";
import { fileFault } from "./errors.ts";
import { askSecret } from "./hub/secret.ts";

const BEGIN = "-----BEGIN PRIVATE KEY-----";
const UNLOCK_FILE_VARIABLE = "GRIDLEDGER_UNLOCK_FILE";
const UNLOCK_VARIABLE = "GRIDLEDGER_UNLOCK";

/** PKCS#8 as PEM (RFC 7468 §10). */
export function encodePem(pkcs8: Uint8Array): string {
  const lines =
    Buffer.from(pkcs8)
      .toString("base64")
      .match(/.{1,64}/g) ?? [];
  return [BEGIN, ...lines, "-----END PRIVATE KEY-----", ""].join("\n");
}

/** Makes a key and keeps it where only its owner reads it; an existing file is never overwritten. */
export function createKeyFile(suite: Suite, path: string): Signer {
  const pkcs8 = suite.generateKey();
  writeNewFile(path, encodePem(pkcs8));
  return suite.signer(pkcs8);
}

/** Mode 0600 and on the disk when it returns. @throws Fault FILE_UNREADABLE, also where it exists */
export function writeNewFile(path: string, content: string | Uint8Array): void {
  try {
    writeFileSync(path, content, { mode: 0o600, flag: "wx", flush: true });
  } catch (thrown) {
    const fault = fileFault(path, thrown);
    if (!existsSync(path)) throw fault;
    const detail = `${path} exists and a key is never overwritten: choose another path`;
    throw new Fault("FILE_UNREADABLE", detail, { cause: thrown });
  }
}

/**
 * The signer of a PKCS#8 file, or of a key page: opened with GRIDLEDGER_UNLOCK_FILE, GRIDLEDGER_UNLOCK,
 * the file `unlock` beside it, or what is typed at the prompt.
 *
 * @throws Fault FILE_UNREADABLE, KEY_INVALID, KEY_LOCKED, KEY_PAGE_INVALID, PASSPHRASE_WRONG
 */
export async function readKeyFile(suite: Suite, path: string): Promise<Signer> {
  const bytes = readPrivate(path);
  if (isKeyPage(bytes)) return await openPage(suite, bytes, path);
  return signerOf(suite, privateKeyOf(bytes, path), path);
}

/** A PKCS#8 file, never a page. @throws Fault FILE_UNREADABLE, KEY_INVALID */
export function readClearKeyFile(suite: Suite, path: string): Signer {
  return signerOf(suite, privateKeyOf(readPrivate(path), path), path);
}

/** PKCS#8 as DER, from PEM or DER. @throws Fault KEY_INVALID */
export function privateKeyOf(bytes: Buffer, path: string): Uint8Array {
  try {
    const key = bytes.includes(BEGIN)
      ? createPrivateKey(bytes.toString("latin1"))
      : createPrivateKey({ key: bytes, format: "der", type: "pkcs8" });
    return key.export({ format: "der", type: "pkcs8" });
  } catch (cause) {
    throw new Fault("KEY_INVALID", `${path} is not a PKCS#8 private key`, { cause });
  }
}

async function openPage(suite: Suite, bytes: Buffer, path: string): Promise<Signer> {
  const { scheme } = keyPageOf(bytes, path);
  if (scheme !== `${suite.name}-sign`) {
    throw new Fault("KEY_INVALID", `${path}: the key is for another suite, ${scheme}`);
  }
  return pageSigner(await unlockOf(path), bytes, path);
}

/** The secret of a page. @throws Fault KEY_LOCKED, FILE_UNREADABLE, KEY_INVALID */
async function unlockOf(page: string): Promise<Uint8Array> {
  const places = { readPrivate, environment: process.env };
  const beside = join(dirname(page), "unlock");
  const file = process.env[UNLOCK_FILE_VARIABLE];
  if (file) return readUnlock({ file }, places);
  if (process.env[UNLOCK_VARIABLE]) return readUnlock({ env: UNLOCK_VARIABLE }, places);
  if (existsSync(beside)) return readUnlock({ file: beside }, places);
  if (process.stdin.isTTY) return Buffer.from(await askSecret(`Passphrase of ${page}: `));
  throw new Fault("KEY_LOCKED", `${page} is sealed: name its secret in ${UNLOCK_FILE_VARIABLE}`);
}

function signerOf(suite: Suite, pkcs8: Uint8Array, path: string): Signer {
  try {
    return suite.signer(pkcs8);
  } catch (cause) {
    const other = ["international", "sm"].find((name) => isKeyOf(suiteByName(name), pkcs8));
    const detail =
      other === undefined
        ? `${path} is not a PKCS#8 private key`
        : `${path}: the key is for another suite, ${other}; the chain uses ${suite.name}`;
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
