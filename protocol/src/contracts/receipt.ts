import { CborReader } from "../cbor/reader.ts";
import { CborWriter } from "../cbor/writer.ts";
import type { Hash } from "../crypto/suite.ts";
import { Fault } from "../faults.ts";
import { plainHeader } from "../ledger/header.ts";
import { leafHash, MerkleTree } from "../merkle/tree.ts";
import { ADDRESS_BYTES } from "./address.ts";

/** Output beyond this is not kept: a receipt must not be larger than what it says. */
export const MAX_OUTPUT_BYTES = 4_096;
const MAX_LOGS = 65_536;
const MAX_LOG_BYTES = 4_194_304;

/** How a contract transaction ended. Numbers on the wire, never reused. */
const outcomes = {
  success: 0,
  reverted: 1,
  "out of gas": 2,
  "invalid opcode": 3,
  "invalid jump": 4,
  "stack overflow": 5,
  "stack underflow": 6,
  "address taken": 7,
  "code refused": 8,
  failed: 9,
  /** The channel's contracts would hold more slots than it allows. */
  "storage full": 10,
} as const;

export type Outcome = keyof typeof outcomes;

/** What a contract has written down; what subscribers are told (guide §4.3.4). */
export interface Log {
  readonly address: Uint8Array;
  /** At most 4, 32 bytes each; the first names the event. */
  readonly topics: readonly Uint8Array[];
  readonly data: Uint8Array;
}

/** `[index, outcome, gasUsed, contract, output, outputBytes, [[address, topics, data] …]]`. */
export interface Receipt {
  /** Place of the transaction in its block. */
  readonly index: number;
  readonly outcome: Outcome;
  readonly gasUsed: number;
  /** Of a deployment that succeeded: where the contract is. */
  readonly contract: Uint8Array | null;
  /** What the call returned, or why it reverted; the first 4,096 bytes. */
  readonly output: Uint8Array;
  /** How long the output was. */
  readonly outputBytes: number;
  readonly logs: readonly Log[];
}

/** What a contract transaction came to, before it has its place in a block; the output is whole. */
export type ContractResult = Omit<Receipt, "index">;

export function encodeReceipt(receipt: Receipt): Uint8Array {
  const writer = new CborWriter(256).array(7).uint(receipt.index);
  writer.uint(outcomes[receipt.outcome]).uint(receipt.gasUsed);
  if (receipt.contract === null) writer.null();
  else writer.bytes(receipt.contract);
  writer.bytes(receipt.output).uint(receipt.outputBytes).array(receipt.logs.length);
  for (const { address, topics, data } of receipt.logs) {
    writer.array(3).bytes(address).array(topics.length);
    for (const topic of topics) writer.bytes(topic);
    writer.bytes(data);
  }
  return writer.finish();
}

/** @throws Fault CBOR_* */
export function decodeReceipt(encoded: Uint8Array): Receipt {
  const reader = new CborReader(encoded);
  reader.tuple("receipt", 7);
  const index = reader.uint("index", 65_535);
  const outcome = outcomeOf(reader.uint("outcome"));
  const gasUsed = reader.uint("gasUsed");
  const contract = readContract(reader);
  const output = reader.bytes("output", MAX_OUTPUT_BYTES);
  const outputBytes = reader.uint("outputBytes");
  const logs: Log[] = [];
  for (let left = reader.array("logs", MAX_LOGS); left > 0; left--) logs.push(readLog(reader));
  reader.end();
  return { index, outcome, gasUsed, contract, output, outputBytes, logs };
}

function readContract(reader: CborReader): Uint8Array | null {
  if (!reader.isNull) return reader.fixedBytes("contract", ADDRESS_BYTES);
  reader.null("contract");
  return null;
}

function readLog(reader: CborReader): Log {
  reader.tuple("log", 3);
  const address = reader.fixedBytes("address", ADDRESS_BYTES);
  const topics: Uint8Array[] = [];
  for (let left = reader.array("topics", 4); left > 0; left--) {
    topics.push(reader.fixedBytes("topic", 32));
  }
  return { address, topics, data: reader.bytes("data", MAX_LOG_BYTES) };
}

function outcomeOf(number: number): Outcome {
  for (const [name, known] of Object.entries(outcomes)) {
    if (known === number) return name as Outcome;
  }
  throw new Fault("CBOR_SHAPE", `unknown outcome ${number}`);
}

/** The receipt of a result in a block: the output cut to what is kept. */
export function receiptOf(result: ContractResult, index: number): Receipt {
  return { ...result, index, output: result.output.subarray(0, MAX_OUTPUT_BYTES) };
}

/** The header's receiptRoot: over the receipts in the order of the block, zeros where there is none. */
export function receiptRoot(hash: Hash, encoded: readonly Uint8Array[]): Uint8Array {
  return encoded.length === 0 ? plainHeader.receiptRoot : receiptTree(hash, encoded).root;
}

export function receiptTree(hash: Hash, encoded: readonly Uint8Array[]): MerkleTree {
  return new MerkleTree(
    hash,
    encoded.map((receipt) => leafHash(hash, receipt)),
  );
}
