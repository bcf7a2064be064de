import { readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import type { Suite } from "@gridledger/protocol/crypto/suite";
import { Fault } from "@gridledger/protocol/faults";
import { holdKey, type KeySource } from "@gridledger/protocol/keys/held-key";
import type { KeyRing } from "@gridledger/protocol/keys/key-ring";
import { KeyRingPages } from "@gridledger/protocol/keys/key-ring-pages";
import { KeyUses } from "@gridledger/protocol/keys/key-uses";

const LOOK_MS = 2_000;

interface KeyHolder {
  /** Stands in the list of uses where the key is PEM. */
  readonly module: string;
  readonly uses: KeyUses;
}

/**
 * The keys of an identity of this process, opened with what the configuration names. They follow their
 * files until the process ends: a rotation needs no restart.
 *
 * @throws Fault FILE_UNREADABLE, KEY_INVALID, KEY_LOCKED, KEY_PAGE_INVALID, PASSPHRASE_WRONG
 */
export function holdKeyRing(suite: Suite, source: KeySource, { module, uses }: KeyHolder): KeyRing {
  const deps = { readPrivate, environment: process.env, uses };
  const hold = (of: Suite, from: KeySource) => holdKey(deps, of, from, module);
  const pages = new KeyRingPages({ readPrivate, readTurns, hold }, suite, source);
  setInterval(() => pages.look(), LOOK_MS).unref();
  return pages.ring;
}

function readTurns(path: string) {
  const changedMs = statSync(path, { throwIfNoEntry: false })?.mtimeMs;
  return changedMs === undefined ? undefined : { text: readFileSync(path, "utf8"), changedMs };
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
