import { type Proof, proof as proofSchema } from "../api/proof-contract.ts";
import { CborReader } from "../cbor/reader.ts";
import { CborWriter } from "../cbor/writer.ts";
import { identityId } from "../crypto/identity-id.ts";
import { asFault, Fault } from "../faults.ts";
import { equalBytes, formatHex } from "../hex.ts";
import { verifyPath } from "../merkle/tree.ts";
import { decodeReadingBatch, type ReadingBatch } from "../metering/reading-batch.ts";
import type { Chain } from "./genesis.ts";
import { type Handover, readHandover, ValidatorHistory, writeHandover } from "./handover.ts";
import { decodeHeader, type Header, headerHash } from "./header.ts";
import { kind } from "./kinds.ts";
import { encodeSeal, readSeal, type Seal } from "./seal.ts";
import { decodeTransaction, type Transaction, verifyTransaction } from "./transaction.ts";

/** Which reading of a batch a proof is about. */
export interface ProvenReadingPlace {
  readonly meter: string;
  readonly timeMs: number;
}

interface ProofParts {
  readonly encodedHeader: Uint8Array;
  readonly seal: Seal;
  readonly index: number;
  /** Sibling hashes from the transaction up to the header's txRoot. */
  readonly path: readonly Uint8Array[];
  /** The transaction as signed. */
  readonly transaction: Uint8Array;
  readonly reading?: ProvenReadingPlace;
  /** From the genesis to the set that sealed the block, ascending. */
  readonly handovers?: readonly Handover[];
}

/** What a proof has shown. */
export interface Proven {
  readonly height: number;
  readonly blockHash: Uint8Array;
  readonly blockTimeMs: number;
  readonly txHash: Uint8Array;
  readonly kind: number;
  /** Identity id of the sender. */
  readonly sender: Uint8Array;
  /** "checked": with a key of the genesis · "by-quorum": the validators checked it, see `verifyProof`. */
  readonly senderSignature: "checked" | "by-quorum";
  readonly batch?: ReadingBatch;
  readonly reading?: {
    readonly meter: string;
    readonly timeMs: number;
    readonly values: readonly {
      readonly obis: string;
      readonly unit: string;
      readonly scaler: number;
      readonly value: number | null;
    }[];
  };
}

/** The proof file of one transaction of a block. Pure: nothing is verified. */
export function makeProof(chain: Chain, parts: ProofParts): Proof {
  const { encodedHeader, seal, index, path, transaction, reading, handovers = [] } = parts;
  return {
    format: "gridledger-proof/1",
    chainId: formatHex(chain.chainId),
    transaction: Buffer.from(transaction).toString("base64url"),
    index,
    path: path.map(formatHex),
    header: Buffer.from(encodedHeader).toString("base64url"),
    seal: Buffer.from(encodeSeal(seal)).toString("base64url"),
    ...(reading === undefined ? {} : { reading }),
    ...(handovers.length === 0 ? {} : { handovers: handovers.map(formatHandover) }),
  };
}

function formatHandover(handover: Handover): string {
  const bytes = writeHandover(new CborWriter(1_024), handover).finish();
  return Buffer.from(bytes).toString("base64url");
}

/**
 * Verifies a proof file against the genesis alone: no hub, no network.
 *
 * Where the validator set has changed since the genesis, the file carries each change with the seal of
 * the set before it, and they are walked from the genesis on.
 *
 * Proven: a quorum of the validators of its height finalised a block of this chain at this height with
 * exactly these transaction bytes at this place, and the reading, if one is named, stands in them.
 * The transaction's own signature is checked here when its sender stands in the genesis. The key of a
 * device that was enrolled later does not: there the proof rests on the quorum, which finalises
 * nothing whose signature, sender and sequence it has not checked. Not proven: that the meter
 * measured right, and that no other batch of the meter says otherwise.
 *
 * @param file the parsed JSON, of any content
 * @throws Fault PROOF_SHAPE, PROOF_INVALID, SEAL_INVALID, CHAIN_MISMATCH
 */
export function verifyProof(chain: Chain, file: unknown): Proven {
  const { proof, encodedHeader, header, seal, transaction, handovers } = readProof(chain, file);
  const { suite } = chain;
  const history = new ValidatorHistory(chain);
  history.learn(handovers);
  history.verify(encodedHeader, seal);
  const blockHash = headerHash(suite.hash, encodedHeader);
  const place = { index: proof.index, size: header.txCount };
  const path = proof.path.map((sibling) => Buffer.from(sibling, "hex"));
  if (!verifyPath(suite.hash, header.txRoot, place, transaction.hash, path)) {
    throw new Fault("PROOF_INVALID", `the transaction is not in block ${header.height}`);
  }
  return {
    height: header.height,
    blockHash,
    blockTimeMs: header.timeMs,
    txHash: transaction.hash,
    kind: transaction.kind,
    sender: transaction.sender,
    senderSignature: checkSender(chain, transaction),
    ...provenBatch(transaction, proof.reading),
  };
}

interface ReadProof {
  readonly proof: Proof;
  readonly encodedHeader: Uint8Array;
  readonly header: Header;
  readonly seal: Seal;
  readonly transaction: Transaction;
  readonly handovers: readonly Handover[];
}

function readProof(chain: Chain, file: unknown): ReadProof {
  // Strict: with an unknown key, what the file claims is not all that is verified.
  const parsed = proofSchema.strict().safeParse(file);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new Fault("PROOF_SHAPE", `${issue?.path.join(".") ?? ""}: ${issue?.message ?? ""}`);
  }
  const proof = parsed.data;
  if (proof.chainId !== formatHex(chain.chainId)) {
    throw new Fault("CHAIN_MISMATCH", `the proof belongs to chain ${proof.chainId}`);
  }
  try {
    const encodedHeader = bytesOf("header", proof.header);
    const reader = new CborReader(bytesOf("seal", proof.seal));
    const seal = readSeal(reader);
    reader.end();
    const transaction = decodeTransaction(chain.suite, bytesOf("transaction", proof.transaction));
    const header = decodeHeader(encodedHeader);
    const handovers = (proof.handovers ?? []).map(parseHandover);
    return { proof, encodedHeader, header, seal, transaction, handovers };
  } catch (thrown) {
    const fault = asFault(thrown);
    if (fault.code === "PROOF_SHAPE" || fault.code === "SEAL_INVALID") throw fault;
    throw new Fault("PROOF_SHAPE", fault.message, { cause: fault });
  }
}

function parseHandover(text: string): Handover {
  const reader = new CborReader(bytesOf("handover", text));
  const handover = readHandover(reader);
  reader.end();
  return handover;
}

/** Strict: one value has one text, so that a changed character is always noticed. */
function bytesOf(name: string, text: string): Uint8Array {
  const bytes = Buffer.from(text, "base64url");
  if (bytes.toString("base64url") !== text) {
    throw new Fault("PROOF_SHAPE", `${name} is not base64url`);
  }
  return bytes;
}

function checkSender(chain: Chain, transaction: Transaction): Proven["senderSignature"] {
  const { suite, chainId, genesis } = chain;
  const known = genesis.identities.find(({ publicKey }) =>
    equalBytes(identityId(suite.hash, publicKey), transaction.sender),
  );
  if (known === undefined) return "by-quorum";
  if (!verifyTransaction(suite, known.publicKey, chainId, transaction)) {
    throw new Fault("PROOF_INVALID", "the signature of the transaction is wrong");
  }
  return "checked";
}

function provenBatch(
  transaction: Transaction,
  place: ProvenReadingPlace | undefined,
): Pick<Proven, "batch" | "reading"> {
  if (transaction.kind !== kind.readings) {
    if (place === undefined) return {};
    throw new Fault("PROOF_INVALID", "the transaction holds no readings");
  }
  const batch = decodeReadingBatch(transaction.payload);
  if (place === undefined) return { batch };
  const { meter, timeMs } = place;
  const at = batch.timesMs.indexOf(timeMs);
  if (batch.meter !== meter || at === -1) {
    throw new Fault("PROOF_INVALID", `the batch holds no reading of ${meter} at ${timeMs}`);
  }
  const values = batch.registers.map(({ obis, unit, scaler, values: column }) => ({
    obis,
    unit,
    scaler,
    value: column[at] ?? null,
  }));
  return { batch, reading: { meter, timeMs, values } };
}
