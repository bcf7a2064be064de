import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  openSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname } from "node:path";
import { Fault } from "@gridledger/protocol/faults";
import type { TurnPlaces } from "@gridledger/protocol/keys/turn-files";
import { keyPlaces } from "./key-files.ts";

/** The disk, for pages and what stands beside them: what has been written is there after a power cut. */
export const turnPlaces: TurnPlaces = {
  ...keyPlaces,
  isThere: existsSync,
  writeNew: writeNewPage,
  replace(path, content) {
    write(path, content, (beside) => renameSync(beside, path));
  },
  remove(path) {
    rmSync(path, { force: true });
    syncFolder(path);
  },
};

/** All of the page or nothing, on the disk, and never in another's place. @throws Fault KEY_PAGE_EXISTS, FILE_UNREADABLE */
export function writeNewPage(path: string, page: Uint8Array): void {
  write(path, page, (beside) => linkSync(beside, path));
}

function write(path: string, content: string | Uint8Array, place: (beside: string) => void): void {
  const beside = `${path}.${process.pid}.new`;
  try {
    writeFileSync(beside, content, { mode: 0o600, flush: true });
    place(beside);
    syncFolder(path);
  } catch (cause) {
    const isThere = cause instanceof Error && "code" in cause && cause.code === "EEXIST";
    if (isThere) throw new Fault("KEY_PAGE_EXISTS", `${path} is there already`, { cause });
    throw new Fault("FILE_UNREADABLE", `${path} cannot be written`, { cause });
  } finally {
    rmSync(beside, { force: true });
  }
}

function syncFolder(path: string): void {
  const folder = openSync(dirname(path), "r");
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
