import { readFileSync, statSync } from "node:fs";
import type { Suite } from "@gridledger/protocol/crypto/suite";
import type { KeySource } from "@gridledger/protocol/keys/held-key";
import type { KeyRing } from "@gridledger/protocol/keys/key-ring";
import { KeyRingPages, type KeyRingPlaces } from "@gridledger/protocol/keys/key-ring-pages";
import { type HoldKey, readPrivate } from "./key-files.ts";

const LOOK_MS = 2_000;

/** The keys of a process's identity, which follow their files: a rotation needs no restart. */
export function keyRingFiles(
  suite: Suite,
  hold: HoldKey,
  source: KeySource,
  log: KeyRingPlaces["log"],
): { readonly ring: KeyRing; stop(): void } {
  const places = { readPrivate, readTurns, hold, ...(log && { log }) };
  const pages = new KeyRingPages(places, suite, source);
  const timer = setInterval(() => pages.look(), LOOK_MS);
  timer.unref();
  return { ring: pages.ring, stop: () => clearInterval(timer) };
}

function readTurns(path: string) {
  const changedMs = statSync(path, { throwIfNoEntry: false })?.mtimeMs;
  return changedMs === undefined ? undefined : { text: readFileSync(path, "utf8"), changedMs };
}
