import { readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import type { Suite } from "@gridledger/protocol/crypto/suite";
import { Fault } from "@gridledger/protocol/faults";
import { type HeldKey, holdKey, type KeySource } from "@gridledger/protocol/keys/held-key";
import { KeyUses } from "@gridledger/protocol/keys/key-uses";
import type { KeyPlaces } from "@gridledger/protocol/keys/unlock";

/** Whose key it is, and where its uses are counted. */
interface KeyHolder {
  /** Stands in the list of uses where the key is PEM. */
  readonly module: string;
  readonly uses: KeyUses;
}

/** Opens a key of this process. */
export type HoldKey = (suite: Suite, source: KeySource) => HeldKey;

/** Where keys and their secrets are. */
export const keyPlaces: KeyPlaces = { readPrivate, environment: process.env };

/** Opens keys of one holder, as the configuration names them. */
export function keyHolder({ module, uses }: KeyHolder): HoldKey {
  const deps = { ...keyPlaces, uses };
  return (suite, source) => holdKey(deps, suite, source, module);
}

/** Counts of this process's keys in a file, saved until the process ends. */
export function keyUsesAt(file: string): KeyUses {
  const uses = new KeyUses({
    saved: readIfAny(file),
    save: (json) => replaceIfPossible(file, json),
    now: Date.now,
  });
  process.once("exit", () => uses.save());
  return uses;
}

/** @throws Fault FILE_UNREADABLE, KEY_INVALID where others may read it */
export function readPrivate(file: string): Buffer {
  try {
    // Windows has no such bits; there the directory's rights count.
    if (process.platform !== "win32" && (statSync(file).mode & 0o077) !== 0) {
      throw new Fault("KEY_INVALID", `${file} can be read by others: chmod 600 it`);
    }
    return readFileSync(file);
  } catch (cause) {
    if (cause instanceof Fault) throw cause;
    throw new Fault("FILE_UNREADABLE", `${file} cannot be read`, { cause });
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
