import { Fault } from "../faults.ts";
import type { Chain } from "../ledger/genesis.ts";
import { decodeHeader, headerHash } from "../ledger/header.ts";
import { readSeal, type Seal, verifySeal, writeSeal } from "../ledger/seal.ts";
import { verifyPath } from "../merkle/tree.ts";
import { openMessage, startMessage } from "./envelope.ts";
import { messageType } from "./numbers.ts";

const MAX_RECEIPT_BYTES = 524_288;
const MAX_ENTRIES = 4_096;
const MAX_PATH = 17;

interface ReceiptEntry {
  readonly txHash: Uint8Array;
  readonly index: number;
  readonly path: readonly Uint8Array[];
}

/**
 * Says to one sender which of its transactions a final block holds (guide §4.4.1 b), and proves it:
 * `[version, 13, header, seal, [[txHash, index, [sibling …]] …]]`.
 */
export interface Receipt {
  readonly encodedHeader: Uint8Array;
  readonly seal: Seal;
  readonly entries: readonly ReceiptEntry[];
}

export function encodeReceipt(receipt: Receipt): Uint8Array {
  const writer = startMessage(messageType.receipt, 5, 512 + receipt.entries.length * 320).bytes(
    receipt.encodedHeader,
  );
  writeSeal(writer, receipt.seal).array(receipt.entries.length);
  for (const { txHash, index, path } of receipt.entries) {
    writer.array(3).bytes(txHash).uint(index).array(path.length);
    for (const sibling of path) writer.bytes(sibling);
  }
  return writer.finish();
}

/** @throws Fault CBOR_*, SEAL_INVALID */
export function decodeReceipt(encoded: Uint8Array): Receipt {
  const reader = openMessage(encoded, {
    name: "receipt",
    type: messageType.receipt,
    items: 5,
    maxBytes: MAX_RECEIPT_BYTES,
  });
  const encodedHeader = reader.bytes("header", 512);
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
  reader.end();
  return { encodedHeader, seal, entries };
}

/**
 * The height at which all the receipt's transactions are final.
 *
 * @throws Fault SEAL_INVALID, PROOF_INVALID
 */
export function verifyReceipt(chain: Chain, receipt: Receipt): number {
  const { suite, chainId, validators, validatorsHash } = chain;
  const header = decodeHeader(receipt.encodedHeader);
  const blockHash = headerHash(suite.hash, receipt.encodedHeader);
  verifySeal(
    suite,
    validators,
    { chainId, validatorsHash, height: header.height },
    blockHash,
    receipt.seal,
  );
  for (const { txHash, index, path } of receipt.entries) {
    const place = { index, size: header.txCount };
    if (!verifyPath(suite.hash, header.txRoot, place, txHash, path)) {
      throw new Fault("PROOF_INVALID", `transaction ${index} is not in block ${header.height}`);
    }
  }
  return header.height;
}
