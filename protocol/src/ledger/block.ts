import { CborReader } from "../cbor/reader.ts";
import { CborWriter } from "../cbor/writer.ts";
import { decodeHeader, type Header, MAX_HEADER_BYTES } from "./header.ts";
import { readSeal, type Seal, writeSeal } from "./seal.ts";

const MAX_BLOCK_BYTES = 33_554_432;
const MAX_TRANSACTIONS = 65_536;

/** A final block: `[header, seal, [transaction …]]`, header and transactions as the bytes that were hashed. */
export interface Block {
  readonly header: Header;
  readonly encodedHeader: Uint8Array;
  readonly seal: Seal;
  readonly transactions: readonly Uint8Array[];
}

export function encodeBlock(
  encodedHeader: Uint8Array,
  seal: Seal,
  transactions: readonly Uint8Array[],
): Uint8Array {
  let bytes = 1_024 + encodedHeader.length;
  for (const transaction of transactions) bytes += transaction.length + 5;
  const writer = new CborWriter(bytes).array(3).bytes(encodedHeader);
  writeSeal(writer, seal).array(transactions.length);
  for (const transaction of transactions) writer.bytes(transaction);
  return writer.finish();
}

/** Reads a block; roots and seal are not checked. @throws Fault CBOR_*, BLOCK_INVALID, SEAL_INVALID */
export function decodeBlock(encoded: Uint8Array): Block {
  const reader = new CborReader(encoded, MAX_BLOCK_BYTES);
  reader.tuple("block", 3);
  const encodedHeader = reader.bytes("header", MAX_HEADER_BYTES);
  const seal = readSeal(reader);
  const transactions: Uint8Array[] = [];
  for (let left = reader.array("transactions", MAX_TRANSACTIONS); left > 0; left--) {
    transactions.push(reader.bytes("transaction", MAX_BLOCK_BYTES));
  }
  reader.end();
  return { header: decodeHeader(encodedHeader), encodedHeader, seal, transactions };
}
