import { type Proof, proof as proofSchema } from "../api/proof-contract.ts";
import { CborReader } from "../cbor/reader.ts";
import { CborWriter } from "../cbor/writer.ts";
import { asFault, Fault } from "../faults.ts";
import { formatHex } from "../hex.ts";
import { type CorrectionContent, decodeCorrection } from "../metering/correction.ts";
import { decodeReadingBatch, type ReadingBatch } from "../metering/reading-batch.ts";
import type { Chain } from "./genesis.ts";
import { type Handover, readHandover, ValidatorHistory, writeHandover } from "./handover.ts";
import { headerHash } from "./header.ts";
import { kind } from "./kinds.ts";
import { decodeOriginal, provenBatch as originalBatch } from "./original.ts";
import type { ProofWatch } from "./proof-step.ts";
import { isSignedByKey, provenKey } from "./proven-key.ts";
import {
  bytesOf,
  formatPlaced,
  type PlacedTransaction,
  parsePlaced,
  type ReadPlaced,
  verifyPlaced,
} from "./proven-transaction.ts";
import type { Transaction } from "./transaction.ts";

/** Which reading of a batch a proof is about. */
export interface ProvenReadingPlace {
  readonly meter: string;
  readonly timeMs: number;
}

interface ProofParts extends PlacedTransaction {
  readonly reading?: ProvenReadingPlace;
  /** From the genesis to the set that sealed the block, ascending. */
  readonly handovers?: readonly Handover[];
  /** What gave the sender its key where the genesis did not: enrolment, then rotations. */
  readonly senderKeys?: readonly PlacedTransaction[];
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
  /** "checked": with its proven key · "by-quorum": the validators checked it, see `verifyProof`. */
  readonly senderSignature: "checked" | "by-quorum";
  readonly batch?: ReadingBatch;
  /** What it corrects stands in a final block, as the record's own proof shows. */
  readonly correction?: CorrectionContent;
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
  const { reading, handovers = [], senderKeys = [] } = parts;
  return {
    format: "gridledger-proof/1",
    chainId: formatHex(chain.chainId),
    ...formatPlaced(parts),
    ...(reading === undefined ? {} : { reading }),
    ...(handovers.length === 0 ? {} : { handovers: handovers.map(formatHandover) }),
    ...(senderKeys.length === 0 ? {} : { senderKeys: senderKeys.map(formatPlaced) }),
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
 * The transaction's own signature is checked here with the key that signed for its sender at this
 * height: of the genesis, or of the enrolment and rotations that the file proves final. Where it does
 * not prove them, the proof rests on the quorum, which finalises nothing whose signature, sender and
 * sequence it has not checked. Not proven: that the meter measured right, and that no other batch of
 * the meter says otherwise.
 *
 * @param file the parsed JSON, of any content
 * @param watch told of each step that has held
 * @throws Fault PROOF_SHAPE, PROOF_INVALID, SEAL_INVALID, CHAIN_MISMATCH; SUITE_MISSING where this
 *   process lacks the suite of the sender's key
 */
export function verifyProof(chain: Chain, file: unknown, watch?: ProofWatch): Proven {
  const { proof, placed, handovers, senderKeys } = readProof(chain, file);
  const { encodedHeader, header, transaction } = placed;
  const history = new ValidatorHistory(chain);
  history.learn(handovers);
  watch?.({ step: "genesis", chainId: chain.chainId, handovers: handovers.length });
  verifyPlaced(chain, history, placed, watch);
  for (const one of senderKeys) verifyPlaced(chain, history, one);
  const senderSignature = checkSender(chain, placed, senderKeys, watch);
  const content = {
    ...provenBatch(transaction, proof.reading),
    ...provenCorrection(chain, transaction),
  };
  watch?.({ step: "content" });
  return {
    height: header.height,
    blockHash: headerHash(chain.suite.hash, encodedHeader),
    blockTimeMs: header.timeMs,
    txHash: transaction.hash,
    kind: transaction.kind,
    sender: transaction.sender,
    senderSignature,
    ...content,
  };
}

interface ReadProof {
  readonly proof: Proof;
  readonly placed: ReadPlaced;
  readonly handovers: readonly Handover[];
  readonly senderKeys: readonly ReadPlaced[];
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
  const placed = parsePlaced(chain, proof);
  const senderKeys = (proof.senderKeys ?? []).map((one) => parsePlaced(chain, one));
  try {
    return { proof, placed, senderKeys, handovers: (proof.handovers ?? []).map(parseHandover) };
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

function checkSender(
  chain: Chain,
  { transaction, header }: ReadPlaced,
  senderKeys: readonly ReadPlaced[],
  watch: ProofWatch | undefined,
): Proven["senderSignature"] {
  const key = provenKey(chain, transaction.sender, header.height, senderKeys);
  if (key === undefined) return "by-quorum";
  if (!isSignedByKey(chain, key, transaction)) {
    throw new Fault("PROOF_INVALID", "the signature of the transaction is wrong");
  }
  watch?.({ step: "signature", publicKey: key.publicKey, epoch: key.epoch });
  return "checked";
}

/** @throws Fault CORRECTION_* where the batch is not the one that it names */
function provenCorrection(chain: Chain, transaction: Transaction): Pick<Proven, "correction"> {
  if (transaction.kind !== kind.correction) return {};
  const { content } = decodeCorrection(transaction.payload);
  const batch = originalBatch(chain, decodeOriginal(content.original));
  if (batch.meter === content.meter && batch.sequence === content.sequence) {
    return { correction: content };
  }
  throw new Fault("CORRECTION_ORIGINAL", `it proves batch ${batch.sequence} of ${batch.meter}`);
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
