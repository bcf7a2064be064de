import { Fault } from "../faults.ts";
import type { Chain } from "../ledger/genesis.ts";
import {
  type Handover,
  readHandover,
  ValidatorHistory,
  writeHandover,
} from "../ledger/handover.ts";
import { MAX_HEADER_BYTES } from "../ledger/header.ts";
import { readSeal, type Seal, writeSeal } from "../ledger/seal.ts";
import { verifyPath } from "../merkle/tree.ts";
import { openMessage, startMessage } from "./envelope.ts";
import { messageType } from "./numbers.ts";

const MAX_RECEIPT_BYTES = 524_288;
const MAX_ENTRIES = 4_096;
const MAX_PATH = 17;
const MAX_HANDOVERS = 1_024;
/** First byte of a message of six items: one with handovers. */
const ARRAY_OF_SIX = 0x86;

interface ReceiptEntry {
  readonly txHash: Uint8Array;
  readonly index: number;
  readonly path: readonly Uint8Array[];
}

/**
 * Says to one sender which of its transactions a final block holds (guide §4.4.1 b), and proves it:
 * `[version, 13, header, seal, [[txHash, index, [sibling …]] …]]`,
 * and where the set has changed since the genesis `[handover …]` as a sixth item.
 */
export interface Receipt {
  readonly encodedHeader: Uint8Array;
  readonly seal: Seal;
  readonly entries: readonly ReceiptEntry[];
  /** From the genesis to the set that sealed the block, ascending; absent where that is the genesis'. */
  readonly handovers?: readonly Handover[];
}

export function encodeReceipt(receipt: Receipt): Uint8Array {
  const { handovers = [] } = receipt;
  const items = handovers.length === 0 ? 5 : 6;
  const writer = startMessage(messageType.receipt, items, 512 + receipt.entries.length * 320).bytes(
    receipt.encodedHeader,
  );
  writeSeal(writer, receipt.seal).array(receipt.entries.length);
  for (const { txHash, index, path } of receipt.entries) {
    writer.array(3).bytes(txHash).uint(index).array(path.length);
    for (const sibling of path) writer.bytes(sibling);
  }
  if (items === 6) {
    writer.array(handovers.length);
    for (const handover of handovers) writeHandover(writer, handover);
  }
  return writer.finish();
}

/** @throws Fault CBOR_*, SEAL_INVALID */
export function decodeReceipt(encoded: Uint8Array): Receipt {
  const items = encoded[0] === ARRAY_OF_SIX ? 6 : 5;
  const reader = openMessage(encoded, {
    name: "receipt",
    type: messageType.receipt,
    items,
    maxBytes: MAX_RECEIPT_BYTES,
  });
  const encodedHeader = reader.bytes("header", MAX_HEADER_BYTES);
  const seal = readSeal(reader);
  const entries: ReceiptEntry[] = [];
  for (let left = reader.array("entries", MAX_ENTRIES); left > 0; left--) {
    reader.tuple("entry", 3);
    const txHash = reader.fixedBytes("txHash", 32);
    const index = reader.uint("index", 65_535);
    const path: Uint8Array[] = [];
    for (let up = reader.array("path", MAX_PATH); up > 0; up--) {
      path.push(reader.fixedBytes("sibling", 32));
    }
    entries.push({ txHash, index, path });
  }
  if (items === 5) {
    reader.end();
    return { encodedHeader, seal, entries };
  }
  const handovers: Handover[] = [];
  let left = reader.array("handovers", MAX_HANDOVERS);
  // Without one it is a message of five items: one value, one encoding.
  if (left === 0) throw new Fault("CBOR_SHAPE", "a sixth item without a handover");
  for (; left > 0; left--) {
    handovers.push(readHandover(reader));
  }
  reader.end();
  return { encodedHeader, seal, entries, handovers };
}

/**
 * The height at which all the receipt's transactions are final.
 *
 * @param history what the receiver knows already; the receipt's handovers are added to it
 * @throws Fault SEAL_INVALID, PROOF_INVALID
 */
export function verifyReceipt(
  chain: Chain,
  receipt: Receipt,
  history: ValidatorHistory = new ValidatorHistory(chain),
): number {
  history.learn(receipt.handovers ?? []);
  const header = history.verify(receipt.encodedHeader, receipt.seal);
  for (const { txHash, index, path } of receipt.entries) {
    const place = { index, size: header.txCount };
    if (!verifyPath(chain.suite.hash, header.txRoot, place, txHash, path)) {
      throw new Fault("PROOF_INVALID", `transaction ${index} is not in block ${header.height}`);
    }
  }
  return header.height;
}
