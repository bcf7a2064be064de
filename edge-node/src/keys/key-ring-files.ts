import { readFileSync, statSync } from "node:fs";
import type { Suite } from "@gridledger/protocol/crypto/suite";
import type { KeySource } from "@gridledger/protocol/keys/held-key";
import type { KeyRing } from "@gridledger/protocol/keys/key-ring";
import { KeyRingPages, type KeyRingPlaces } from "@gridledger/protocol/keys/key-ring-pages";
import { TurnFiles } from "@gridledger/protocol/keys/turn-files";
import { type HoldKey, readPrivate } from "./key-files.ts";
import { turnPlaces } from "./turn-places.ts";

const LOOK_MS = 2_000;

/** The keys of an identity in this process, and the files that they come from. */
export interface KeyRingFiles {
  readonly ring: KeyRing;
  readonly files: TurnFiles;
  /** Opens what has come since the last look. */
  readonly look: () => void;
  stop(): void;
}

/**
 * The keys of a process's identity, which follow their files: a rotation needs no restart.
 *
 * @throws Fault FILE_UNREADABLE, KEY_INVALID, KEY_LOCKED, KEY_PAGE_INVALID, PASSPHRASE_WRONG
 */
export function keyRingFiles(
  suite: Suite,
  hold: HoldKey,
  source: KeySource,
  log?: KeyRingPlaces["log"],
): KeyRingFiles {
  const places = { readPrivate, readTurns, hold, ...(log && { log }) };
  const pages = new KeyRingPages(places, suite, source);
  const look = () => pages.look();
  const timer = setInterval(look, LOOK_MS);
  timer.unref();
  const files = new TurnFiles(turnPlaces, source);
  return { ring: pages.ring, files, look, stop: () => clearInterval(timer) };
}

function readTurns(path: string) {
  const changedMs = statSync(path, { throwIfNoEntry: false })?.mtimeMs;
  return changedMs === undefined ? undefined : { text: readFileSync(path, "utf8"), changedMs };
}
