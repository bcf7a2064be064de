import { CborReader } from "@gridledger/protocol/cbor/reader";
import { CborWriter } from "@gridledger/protocol/cbor/writer";
import { Fault } from "@gridledger/protocol/faults";
import { decodeHeader, MAX_HEADER_BYTES } from "@gridledger/protocol/ledger/header";
import { readSeal, writeSeal } from "@gridledger/protocol/ledger/seal";
import { MAX_ROUND } from "@gridledger/protocol/ledger/vote";
import { type AmnesiaState, signingStep, type WalRecord } from "../ports.ts";

/** Record kinds on disk, never reused. */
const kinds = { signed: 1, block: 2, prepared: 3, decided: 4, amnesia: 5, renewed: 6 } as const;
/** By their number on disk. */
const amnesiaStates: readonly AmnesiaState[] = ["over", "active", "new"];
const steps = Object.values(signingStep);

const MAX_RECORDS = 256;
const MAX_TRANSACTIONS = 65_536;
const MAX_MESSAGE_BYTES = 524_288;
const MAX_BODY_BYTES = 33_554_432;

/** Transactions by their hashes, in order, as they were signed. */
export type BodiesOf = (txHashes: readonly Uint8Array[]) => readonly Uint8Array[];

/** A record as read back; `bodies` are the transactions of a block record, in order, else empty. */
export interface StoredRecord {
  readonly record: WalRecord;
  readonly bodies: readonly Uint8Array[];
}

/** Records that are durable together or not at all: an array of records. */
export function encodeGroup(records: readonly WalRecord[], bodiesOf: BodiesOf): Uint8Array {
  const encoded = records.map((record) => encodeRecord(record, bodiesOf));
  const bytes = encoded.reduce((sum, record) => sum + record.length, 8);
  const writer = new CborWriter(bytes).array(records.length);
  for (const record of encoded) writer.raw(record);
  return writer.finish();
}

/** @throws Fault CBOR_*, SEAL_INVALID, BLOCK_INVALID */
export function decodeGroup(encoded: Uint8Array): StoredRecord[] {
  const reader = new CborReader(encoded);
  const stored: StoredRecord[] = [];
  for (let left = reader.array("group", MAX_RECORDS); left > 0; left--) {
    stored.push(readRecord(reader));
  }
  reader.end();
  return stored;
}

/** `[kind, …]`; a block record holds header, hashes and bodies of its transactions. */
function encodeRecord(record: WalRecord, bodiesOf: BodiesOf): Uint8Array {
  if (record.kind === "amnesia") {
    return new CborWriter(8)
      .array(2)
      .uint(kinds.amnesia)
      .uint(amnesiaStates.indexOf(record.state))
      .finish();
  }
  if (record.kind === "renewed") {
    return new CborWriter(16).array(2).uint(kinds.renewed).uint(record.height).finish();
  }
  if (record.kind === "block") {
    const { block, height } = record;
    const bodies = bodiesOf(block.txHashes);
    const bytes = bodies.reduce((sum, body) => sum + body.length + 40, 640);
    const writer = new CborWriter(bytes).array(6).uint(kinds.block).uint(height);
    writer.bytes(block.encodedHeader).bytes(block.blockHash).array(block.txHashes.length);
    for (const txHash of block.txHashes) writer.bytes(txHash);
    writer.array(bodies.length);
    for (const body of bodies) writer.bytes(body);
    return writer.finish();
  }
  if (record.kind === "signed") {
    const writer = new CborWriter(256 + record.message.length).array(7).uint(kinds.signed);
    writer.uint(record.height).uint(record.round).uint(record.step);
    return writer.bytes(record.digest).bytes(record.signature).bytes(record.message).finish();
  }
  const seal = record.kind === "prepared" ? record.certificate : record.seal;
  const writer = new CborWriter(512).array(4).uint(kinds[record.kind]).uint(record.height);
  return writeSeal(writer.bytes(record.blockHash), seal).finish();
}

function readRecord(reader: CborReader): StoredRecord {
  const items = reader.array("record", 7);
  const kind = reader.uint("kind");
  if (items !== itemsOf(kind)) throw new Fault("CBOR_SHAPE", `record ${kind} has ${items} items`);
  if (kind === kinds.block) return readBlock(reader);
  return { record: read(reader, kind), bodies: [] };
}

function itemsOf(kind: number): number {
  if (kind === kinds.amnesia || kind === kinds.renewed) return 2;
  if (kind === kinds.block) return 6;
  if (kind === kinds.signed) return 7;
  return 4;
}

function read(reader: CborReader, kind: number): WalRecord {
  if (kind === kinds.amnesia) return readAmnesia(reader);
  const height = reader.uint("height");
  if (kind === kinds.renewed) return { kind: "renewed", height };
  if (kind === kinds.signed) return readSigned(reader, height);
  const blockHash = reader.fixedBytes("blockHash", 32);
  const seal = readSeal(reader);
  if (kind === kinds.prepared) return { kind: "prepared", height, blockHash, certificate: seal };
  if (kind === kinds.decided) return { kind: "decided", height, blockHash, seal };
  throw new Fault("CBOR_SHAPE", `no record has kind ${kind}`);
}

function readAmnesia(reader: CborReader): WalRecord {
  const state = amnesiaStates[reader.uint("state")];
  if (state === undefined) throw new Fault("CBOR_SHAPE", "no such state of amnesia");
  return { kind: "amnesia", state };
}

function readSigned(reader: CborReader, height: number): WalRecord {
  const round = reader.uint("round", MAX_ROUND);
  const number = reader.uint("step");
  const step = steps.find((known) => known === number);
  if (step === undefined) throw new Fault("CBOR_SHAPE", `there is no step ${number}`);
  const digest = reader.fixedBytes("digest", 32);
  const signature = reader.fixedBytes("signature", 64);
  const message = reader.bytes("message", MAX_MESSAGE_BYTES);
  return { kind: "signed", height, round, step, digest, signature, message };
}

function readBlock(reader: CborReader): StoredRecord {
  const height = reader.uint("height");
  const encodedHeader = reader.bytes("header", MAX_HEADER_BYTES);
  const blockHash = reader.fixedBytes("blockHash", 32);
  const txHashes: Uint8Array[] = [];
  for (let left = reader.array("txHashes", MAX_TRANSACTIONS); left > 0; left--) {
    txHashes.push(reader.fixedBytes("txHash", 32));
  }
  const bodies: Uint8Array[] = [];
  for (let left = reader.array("bodies", MAX_TRANSACTIONS); left > 0; left--) {
    bodies.push(reader.bytes("body", MAX_BODY_BYTES));
  }
  const header = decodeHeader(encodedHeader);
  const block = { header, encodedHeader, blockHash, txHashes };
  return { record: { kind: "block", height, block }, bodies };
}
