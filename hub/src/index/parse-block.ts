import {
  decodeHolderDeclaration,
  type HoldingPlace,
} from "@gridledger/protocol/copies/holder-declaration";
import type { Suite } from "@gridledger/protocol/crypto/suite";
import { Fault } from "@gridledger/protocol/faults";
import {
  type CertificateRecord,
  decodeCertificateRecords,
} from "@gridledger/protocol/ledger/certificate-record";
import { decodeIdentity, type Identity } from "@gridledger/protocol/ledger/enrolment";
import { decodeKeyRotation, type KeyRotation } from "@gridledger/protocol/ledger/key-rotation";
import { kind } from "@gridledger/protocol/ledger/kinds";
import { encodeSeal } from "@gridledger/protocol/ledger/seal";
import { decodeTransaction, type Transaction } from "@gridledger/protocol/ledger/transaction";
import { type Correction, decodeCorrection } from "@gridledger/protocol/metering/correction";
import { decodeReadingBatch } from "@gridledger/protocol/metering/reading-batch";
import { decodeErasureReceipt } from "@gridledger/protocol/objects/erasure-receipt";
import { decodeManifest, type ObjectManifest } from "@gridledger/protocol/objects/manifest";
import type { CheckedBlock } from "./follow/check-block.ts";

interface BatchFacts {
  readonly meter: string;
  readonly sequence: number;
  readonly firstMs: number;
  readonly lastMs: number;
  readonly readings: number;
  readonly registers: readonly { readonly obis: string; readonly unit: string }[];
}

/** What the index keeps of a transaction. */
export interface ParsedTransaction {
  readonly hash: Uint8Array;
  readonly encoded: Uint8Array;
  readonly kind: number;
  readonly sender: Uint8Array;
  readonly batch: BatchFacts | undefined;
  readonly identity: Identity | undefined;
  readonly certificates: readonly CertificateRecord[] | undefined;
  readonly rotation: KeyRotation | undefined;
  readonly object: ObjectManifest | undefined;
  /** Root of the object that the sender has erased. */
  readonly erasedRoot: Uint8Array | undefined;
  readonly correction: Correction | undefined;
  /** Where the sender keeps copies of objects from now on. */
  readonly places: readonly HoldingPlace[] | undefined;
}

export interface ParsedBlock {
  readonly block: CheckedBlock;
  readonly encodedSeal: Uint8Array;
  readonly bytes: number;
  readonly readings: number;
  readonly transactions: readonly ParsedTransaction[];
}

export function parseBlock(suite: Suite, block: CheckedBlock): ParsedBlock {
  const transactions = block.transactions.map((encoded, index) =>
    parseTransaction(suite, block.txHashes[index]!, encoded),
  );
  const encodedSeal = encodeSeal(block.seal);
  let bytes = block.encodedHeader.length + encodedSeal.length;
  let readings = 0;
  for (const transaction of transactions) {
    bytes += transaction.encoded.length;
    readings += transaction.batch?.readings ?? 0;
  }
  return { block, encodedSeal, bytes, readings, transactions };
}

function parseTransaction(suite: Suite, hash: Uint8Array, encoded: Uint8Array): ParsedTransaction {
  const transaction = attempt(() => decodeTransaction(suite, encoded));
  return {
    hash,
    encoded,
    kind: transaction?.kind ?? 0,
    sender: transaction?.sender ?? new Uint8Array(0),
    batch: transaction && attempt(() => batchFacts(transaction)),
    identity: transaction && attempt(() => enrolled(transaction)),
    certificates: transaction && attempt(() => recorded(transaction)),
    rotation: transaction && attempt(() => rotated(transaction)),
    object: transaction && attempt(() => putObject(transaction)),
    erasedRoot: transaction && attempt(() => erasedBySender(transaction)),
    correction: transaction && attempt(() => corrected(transaction)),
    places: transaction && attempt(() => declaredPlaces(transaction)),
  };
}

function batchFacts(transaction: Transaction): BatchFacts | undefined {
  if (transaction.kind !== kind.readings) return undefined;
  const { meter, sequence, timesMs, registers } = decodeReadingBatch(transaction.payload);
  return {
    meter,
    sequence,
    firstMs: timesMs[0]!,
    lastMs: timesMs.at(-1)!,
    readings: timesMs.length,
    registers: registers.map(({ obis, unit }) => ({ obis, unit })),
  };
}

function enrolled(transaction: Transaction): Identity | undefined {
  return transaction.kind === kind.enrolment ? decodeIdentity(transaction.payload) : undefined;
}

function rotated({ kind: number, payload }: Transaction): KeyRotation | undefined {
  return number === kind.keyRotation ? decodeKeyRotation(payload) : undefined;
}

function recorded({
  kind: number,
  payload,
}: Transaction): readonly CertificateRecord[] | undefined {
  return number === kind.certificates ? decodeCertificateRecords(payload) : undefined;
}

function putObject({ kind: number, payload }: Transaction): ObjectManifest | undefined {
  return number === kind.dataObject ? decodeManifest(payload) : undefined;
}

function erasedBySender({ kind: number, payload }: Transaction): Uint8Array | undefined {
  return number === kind.erasureReceipt ? decodeErasureReceipt(payload).root : undefined;
}

function corrected({ kind: number, payload }: Transaction): Correction | undefined {
  return number === kind.correction ? decodeCorrection(payload) : undefined;
}

function declaredPlaces({
  kind: number,
  payload,
}: Transaction): readonly HoldingPlace[] | undefined {
  return number === kind.holderDeclaration ? decodeHolderDeclaration(payload) : undefined;
}

/**
 * A quorum made the block final; a payload this version cannot read is then kept as bytes, and the
 * chain goes on: a follower that stops at it would hide everything after.
 */
function attempt<Answer>(parse: () => Answer): Answer | undefined {
  try {
    return parse();
  } catch (thrown) {
    if (thrown instanceof Fault) return undefined;
    throw thrown;
  }
}
