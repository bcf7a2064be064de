import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname } from "node:path";
import { Fault } from "@gridledger/protocol/faults";
import { type Chain, decodeGenesis } from "@gridledger/protocol/ledger/genesis";
import { fileFault } from "./errors.ts";

/** @throws Fault FILE_UNREADABLE */
export function readBytes(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (thrown) {
    throw fileFault(path, thrown);
  }
}

/**
 * Makes the directory and those above it, one by one: Node's `recursive` never returns where the system
 * answers ENOENT under a parent that exists, as below /proc.
 *
 * @throws Fault FILE_UNREADABLE
 */
export function makeDirectory(path: string): void {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats?.isDirectory()) return;
  if (stats !== undefined) {
    throw new Fault("FILE_UNREADABLE", `${path} is not a directory: choose another path`);
  }
  makeDirectory(dirname(path));
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (thrown) {
    if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) return;
    const { message } = fileFault(path, thrown);
    throw new Fault(
      "FILE_UNREADABLE",
      `${message}: no directory can be made here, choose another path`,
      { cause: thrown },
    );
  }
}

/** Written beside its place and renamed: readers see the old file or the new one, never half of it. */
export function replaceFile(path: string, content: string | Uint8Array, mode = 0o600): void {
  const beside = `${path}.${process.pid}.new`;
  try {
    writeFileSync(beside, content, { mode, flush: true });
    renameSync(beside, path);
  } catch (thrown) {
    throw fileFault(path, thrown);
  }
}

/** Names that were made, replaced or removed in it stay so when the power fails. @throws Fault FILE_UNREADABLE */
export function syncFolder(path: string): void {
  try {
    const folder = openSync(path, "r");
    try {
      fsyncSync(folder);
    } finally {
      closeSync(folder);
    }
  } catch (thrown) {
    throw fileFault(path, thrown);
  }
}

/** @throws Fault FILE_UNREADABLE, GENESIS_INVALID */
export function readGenesis(path: string): Chain {
  return decodeGenesis(readBytes(path));
}

/** @throws Fault FILE_UNREADABLE, CONFIG_INVALID */
export function readJson(path: string): unknown {
  const text = readBytes(path).toString("utf8");
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Fault("CONFIG_INVALID", `${path} is not JSON`, { cause });
  }
}
