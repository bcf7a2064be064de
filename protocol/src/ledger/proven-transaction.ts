import { CborReader } from "../cbor/reader.ts";
import { asFault, Fault } from "../faults.ts";
import { formatHex } from "../hex.ts";
import { verifyPath } from "../merkle/tree.ts";
import type { Chain } from "./genesis.ts";
import type { ValidatorHistory } from "./handover.ts";
import { decodeHeader, type Header, headerHash } from "./header.ts";
import type { ProofStep, ProofWatch } from "./proof-step.ts";
import { encodeSeal, readSeal, type Seal } from "./seal.ts";
import { decodeTransaction, type Transaction } from "./transaction.ts";

/** A transaction and what proves its place in a final block. */
export interface PlacedTransaction {
  readonly encodedHeader: Uint8Array;
  readonly seal: Seal;
  readonly index: number;
  /** Sibling hashes from the transaction up to the header's txRoot. */
  readonly path: readonly Uint8Array[];
  /** The transaction as signed. */
  readonly transaction: Uint8Array;
}

/** The same in a proof file: base64url, and hex in the path. */
export interface PlacedText {
  readonly transaction: string;
  readonly index: number;
  readonly path: readonly string[];
  readonly header: string;
  readonly seal: string;
}

export interface ReadPlaced {
  readonly encodedHeader: Uint8Array;
  readonly header: Header;
  readonly seal: Seal;
  readonly transaction: Transaction;
  readonly index: number;
  readonly path: readonly Uint8Array[];
}

export function formatPlaced(placed: PlacedTransaction) {
  const { encodedHeader, seal, index, path, transaction } = placed;
  return {
    transaction: Buffer.from(transaction).toString("base64url"),
    index,
    path: path.map(formatHex),
    header: Buffer.from(encodedHeader).toString("base64url"),
    seal: Buffer.from(encodeSeal(seal)).toString("base64url"),
  };
}

/** Nothing is verified yet. @throws Fault PROOF_SHAPE, SEAL_INVALID */
export function parsePlaced(chain: Chain, text: PlacedText): ReadPlaced {
  try {
    const encodedHeader = bytesOf("header", text.header);
    const reader = new CborReader(bytesOf("seal", text.seal));
    const seal = readSeal(reader);
    reader.end();
    const transaction = decodeTransaction(chain.suite, bytesOf("transaction", text.transaction));
    const path = text.path.map((sibling) => Buffer.from(sibling, "hex"));
    const header = decodeHeader(encodedHeader);
    return { encodedHeader, header, seal, transaction, index: text.index, path };
  } catch (thrown) {
    const fault = asFault(thrown);
    if (fault.code === "PROOF_SHAPE" || fault.code === "SEAL_INVALID") throw fault;
    throw new Fault("PROOF_SHAPE", fault.message, { cause: fault });
  }
}

/** @throws Fault PROOF_INVALID, SEAL_INVALID, WORK_* unless a final block of the chain holds it there */
export function verifyPlaced(
  chain: Chain,
  history: ValidatorHistory,
  placed: ReadPlaced,
  watch?: ProofWatch,
): void {
  const { encodedHeader, header, seal, transaction, index, path } = placed;
  const { height, timeMs, txRoot } = header;
  const { hash } = chain.suite;
  history.verify(encodedHeader, seal);
  if (watch !== undefined) {
    watch(sealStep(history, height, seal));
    watch({ step: "header", height, timeMs, blockHash: headerHash(hash, encodedHeader) });
  }
  const place = { index, size: header.txCount };
  if (!verifyPath(hash, txRoot, place, transaction.hash, path)) {
    throw new Fault("PROOF_INVALID", `the transaction is not in block ${height}`);
  }
  watch?.({ step: "root", leaf: transaction.hash, path, txRoot });
}

function sealStep(history: ValidatorHistory, height: number, seal: Seal): ProofStep {
  return {
    step: "seals",
    signers: seal.signatures.length,
    validators: history.at(height).validators.length,
    confirmations: seal.confirmations?.length ?? 0,
  };
}

/** Strict: one value has one text, so that a changed character is always noticed. */
export function bytesOf(name: string, text: string): Uint8Array {
  const bytes = Buffer.from(text, "base64url");
  if (bytes.toString("base64url") !== text) {
    throw new Fault("PROOF_SHAPE", `${name} is not base64url`);
  }
  return bytes;
}
