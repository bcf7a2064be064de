import { readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import type { Suite } from "@gridledger/protocol/crypto/suite";
import { Fault } from "@gridledger/protocol/faults";
import { type HeldKey, holdKey, type KeySource } from "@gridledger/protocol/keys/held-key";
import { KeyUses } from "@gridledger/protocol/keys/key-uses";

/** Whose key it is, and where its uses are counted. */
interface KeyHolder {
  /** Stands in the list of uses where the key is PEM. */
  readonly module: string;
  readonly usesFile: string;
}

/** Opens a key of this process. */
export type HoldKey = (suite: Suite, source: KeySource) => HeldKey;

/**
 * The process's key, opened with what the configuration names. Uses are saved until the process ends.
 *
 * @throws Fault CONFIG_INVALID, KEY_INVALID, KEY_LOCKED, KEY_PAGE_INVALID, PASSPHRASE_WRONG
 */
export function holdKeyFile(suite: Suite, source: KeySource, holder: KeyHolder): HeldKey {
  return keyHolder(holder)(suite, source);
}

/** The same for several keys of one holder, with one count of their uses. */
export function keyHolder({ module, usesFile }: KeyHolder): HoldKey {
  const uses = new KeyUses({
    saved: readIfAny(usesFile),
    save: (json) => replaceIfPossible(usesFile, json),
    now: Date.now,
  });
  process.once("exit", () => uses.save());
  const deps = { readPrivate, environment: process.env, uses };
  return (suite, source) => holdKey(deps, suite, source, module);
}

/** @throws Fault CONFIG_INVALID where it cannot be read, or by others too */
export function readPrivate(file: string): Uint8Array {
  try {
    if (process.platform !== "win32" && (statSync(file).mode & 0o077) !== 0) {
      throw new Fault("CONFIG_INVALID", `${file} can be read by others; set its mode to 0600`);
    }
    return readFileSync(file);
  } catch (cause) {
    if (cause instanceof Fault) throw cause;
    throw new Fault("CONFIG_INVALID", `cannot read the key ${file}`, { cause });
  }
}

function readIfAny(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}

/** A count must not end a process that can still sign: the next minute tries again. */
function replaceIfPossible(file: string, content: string): void {
  const beside = `${file}.${process.pid}.new`;
  try {
    writeFileSync(beside, content, { mode: 0o600 });
    renameSync(beside, file);
  } catch {
    return;
  }
}
