import type { Proof } from "../api/proof-contract.ts";
import { CborReader } from "../cbor/reader.ts";
import { CborWriter } from "../cbor/writer.ts";
import { asFault, Fault } from "../faults.ts";
import { decodeReadingBatch, type ReadingBatch } from "../metering/reading-batch.ts";
import type { Chain } from "./genesis.ts";
import { type Handover, readHandover, ValidatorHistory, writeHandover } from "./handover.ts";
import { decodeHeader, MAX_HEADER_BYTES } from "./header.ts";
import { kind } from "./kinds.ts";
import {
  bytesOf,
  type PlacedTransaction,
  parsePlaced,
  verifyPlaced,
} from "./proven-transaction.ts";
import { readSeal, writeSeal } from "./seal.ts";
import { decodeTransaction, MAX_TRANSACTION_BYTES } from "./transaction.ts";

const MAX_INDEX = 65_535;
const MAX_PATH = 17;
const MAX_HANDOVERS = 1_024;

/** A final batch with what proves it from the genesis: the same in a year, when the block is pruned. */
export interface Original extends PlacedTransaction {
  /** From the genesis to the set that sealed the block, ascending. */
  readonly handovers: readonly Handover[];
}

/** `[header, seal, index, [sibling …], transaction, [handover …]]`. */
export function encodeOriginal(original: Original): Uint8Array {
  const { encodedHeader, seal, index, path, transaction, handovers } = original;
  const writer = new CborWriter(transaction.length + 2_048).array(6).bytes(encodedHeader);
  writeSeal(writer, seal).uint(index).array(path.length);
  for (const sibling of path) writer.bytes(sibling);
  writer.bytes(transaction).array(handovers.length);
  for (const handover of handovers) writeHandover(writer, handover);
  return writer.finish();
}

/** @throws Fault CBOR_*, SEAL_INVALID */
export function decodeOriginal(encoded: Uint8Array): Original {
  const reader = new CborReader(encoded);
  reader.tuple("original", 6);
  const encodedHeader = reader.bytes("header", MAX_HEADER_BYTES);
  const seal = readSeal(reader);
  const index = reader.uint("index", MAX_INDEX);
  const path: Uint8Array[] = [];
  for (let up = reader.array("path", MAX_PATH); up > 0; up--) {
    path.push(reader.fixedBytes("sibling", 32));
  }
  const transaction = reader.bytes("transaction", MAX_TRANSACTION_BYTES);
  const handovers: Handover[] = [];
  for (let left = reader.array("handovers", MAX_HANDOVERS); left > 0; left--) {
    handovers.push(readHandover(reader));
  }
  reader.end();
  return { encodedHeader, seal, index, path, transaction, handovers };
}

/** What a proof file says, as a correction carries it. Nothing is verified. @throws Fault PROOF_SHAPE, SEAL_INVALID */
export function originalOfProof(chain: Chain, proof: Proof): Original {
  const { encodedHeader, seal, index, path, transaction } = parsePlaced(chain, proof);
  const handovers = (proof.handovers ?? []).map((text) => {
    const reader = new CborReader(bytesOf("handover", text));
    const handover = readHandover(reader);
    reader.end();
    return handover;
  });
  return { encodedHeader, seal, index, path, transaction: transaction.encoded, handovers };
}

/**
 * The batch, when a final block of the chain holds it. It depends on the bytes and the genesis alone,
 * so that every node says the same, whatever it has pruned.
 *
 * @throws Fault CORRECTION_ORIGINAL
 */
export function provenBatch(chain: Chain, original: Original): ReadingBatch {
  const { encodedHeader, seal, index, path, handovers } = original;
  try {
    const header = decodeHeader(encodedHeader);
    const transaction = decodeTransaction(chain.suite, original.transaction);
    const history = new ValidatorHistory(chain);
    history.learn(handovers);
    verifyPlaced(chain, history, { encodedHeader, header, seal, transaction, index, path });
    if (transaction.kind === kind.readings) return decodeReadingBatch(transaction.payload);
  } catch (thrown) {
    const fault = asFault(thrown);
    throw new Fault("CORRECTION_ORIGINAL", `not proven: ${fault.message}`, { cause: fault });
  }
  throw new Fault("CORRECTION_ORIGINAL", "the transaction holds no readings");
}
