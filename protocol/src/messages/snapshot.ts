import type { CborReader } from "../cbor/reader.ts";
import { Fault } from "../faults.ts";
import { type Handover, readHandover, writeHandover } from "../ledger/handover.ts";
import { MAX_HEADER_BYTES } from "../ledger/header.ts";
import { readSeal, type Seal, writeSeal } from "../ledger/seal.ts";
import type { StateEntry, StatePart } from "../merkle/state-parts.ts";
import { openMessage, startMessage } from "./envelope.ts";
import { messageType } from "./numbers.ts";
import { MAX_MESSAGE_BYTES } from "./transactions.ts";

/** A snapshot has at most 2^12 parts. */
export const MAX_SNAPSHOT_DEPTH = 12;
const MAX_HANDOVERS = 4_096;
const MAX_ENTRIES = 65_536;
const MAX_KEY_BYTES = 1_024;
const OUTLINE = 0;
const PART = 1;
const kinds = ["empty", "leaf", "branch"] as const;

/** What a snapshot consists of, and what proves it: nothing in it has to be believed. */
export interface SnapshotOutline {
  readonly form: "outline";
  /** Of the block whose state it is. */
  readonly encodedHeader: Uint8Array;
  readonly seal: Seal;
  /** From the genesis to the set that sealed it, ascending. */
  readonly handovers: readonly Handover[];
  readonly depth: number;
  /** 2^depth; together they give the header's state root. */
  readonly parts: readonly StatePart[];
}

/** The entries of one part. */
export interface SnapshotPart {
  readonly form: "part";
  readonly height: number;
  readonly index: number;
  readonly entries: readonly StateEntry[];
}

/**
 * Answer to `getSnapshot`: `[version, 16, 0, header, seal, [handover …], depth, [[kind, hash] …]]` or
 * `[version, 16, 1, height, index, [[key, value] …], 0, 0]`.
 */
export function encodeSnapshot(snapshot: SnapshotOutline | SnapshotPart): Uint8Array {
  const writer = startMessage(messageType.snapshot, 8, 4_096);
  if (snapshot.form === "part") {
    const { height, index, entries } = snapshot;
    writer.uint(PART).uint(height).uint(index).array(entries.length);
    for (const [key, value] of entries) writer.array(2).bytes(key).bytes(value);
    return writer.uint(0).uint(0).finish();
  }
  const { encodedHeader, seal, handovers, depth, parts } = snapshot;
  writeSeal(writer.uint(OUTLINE).bytes(encodedHeader), seal).array(handovers.length);
  for (const handover of handovers) writeHandover(writer, handover);
  writer.uint(depth).array(parts.length);
  for (const { kind, hash } of parts) writer.array(2).uint(kinds.indexOf(kind)).bytes(hash);
  return writer.finish();
}

/** @throws Fault CBOR_*, SEAL_INVALID */
export function decodeSnapshot(encoded: Uint8Array): SnapshotOutline | SnapshotPart {
  const reader = openMessage(encoded, {
    name: "snapshot",
    type: messageType.snapshot,
    items: 8,
    maxBytes: MAX_MESSAGE_BYTES,
  });
  const snapshot = reader.uint("form", PART) === PART ? readPart(reader) : readOutline(reader);
  reader.end();
  return snapshot;
}

function readPart(reader: CborReader): SnapshotPart {
  const height = reader.uint("height");
  const index = reader.uint("index", 2 ** MAX_SNAPSHOT_DEPTH - 1);
  const entries: StateEntry[] = [];
  for (let left = reader.array("entries", MAX_ENTRIES); left > 0; left--) {
    reader.tuple("entry", 2);
    const key = reader.bytes("key", MAX_KEY_BYTES);
    entries.push([key, reader.bytes("value", MAX_MESSAGE_BYTES)]);
  }
  reader.uint("nothing", 0);
  reader.uint("nothing", 0);
  return { form: "part", height, index, entries };
}

function readOutline(reader: CborReader): SnapshotOutline {
  const encodedHeader = reader.bytes("header", MAX_HEADER_BYTES);
  const seal = readSeal(reader);
  const handovers: Handover[] = [];
  for (let left = reader.array("handovers", MAX_HANDOVERS); left > 0; left--) {
    handovers.push(readHandover(reader));
  }
  const depth = reader.uint("depth", MAX_SNAPSHOT_DEPTH);
  const parts: StatePart[] = [];
  for (let left = reader.array("parts", 2 ** depth); left > 0; left--) {
    reader.tuple("part", 2);
    const kind = kinds[reader.uint("kind", kinds.length - 1)]!;
    parts.push({ kind, hash: reader.fixedBytes("hash", 32) });
  }
  if (parts.length !== 2 ** depth) {
    throw new Fault("CBOR_SHAPE", `${parts.length} parts at depth ${depth}`);
  }
  return { form: "outline", encodedHeader, seal, handovers, depth, parts };
}
