import type { CborReader } from "../cbor/reader.ts";
import type { CborWriter } from "../cbor/writer.ts";
import type { Suite } from "../crypto/suite.ts";
import { Fault } from "../faults.ts";
import { equalBytes } from "../hex.ts";
import type { OffenceName } from "../ledger/offences.ts";
import { quorum } from "../ledger/validators.ts";
import {
  MAX_ROUND,
  MAX_VALIDATOR_INDEX,
  type Statement,
  statementPreimage,
  type VotePlace,
  voteType,
} from "../ledger/vote.ts";
import { openMessage, startMessage } from "./envelope.ts";
import { judgeJustification } from "./justification.ts";
import { messageType } from "./numbers.ts";
import { decodeJustification, MAX_JUSTIFICATION_BYTES, readPreparedClaim } from "./proposal.ts";

const MAX_BYTES = MAX_JUSTIFICATION_BYTES + 1_024;

export type SignedStatement = Statement & { readonly signature: Uint8Array };
export type SignedProposal = Extract<SignedStatement, { type: typeof voteType.proposal }>;

/** Two statements of one validator that no honest one signs. */
interface Contradiction {
  readonly first: SignedStatement;
  readonly second: SignedStatement;
}

/** A signed proposal with the justification that it names, which does not allow its block. */
interface Unjustified {
  readonly proposal: SignedProposal;
  /** As on the wire: its hash is signed. */
  readonly justification: Uint8Array;
}

export type Misdeed = Contradiction | Unjustified;

/**
 * What one validator did at a height: `[version, 12, height, validator, first, second]`, each
 * `[type, round, claim, signature]`, the second a byte string where it is the justification of the first.
 * Proves itself to whoever knows the validators of the height.
 */
export type Evidence = Misdeed & {
  readonly height: number;
  readonly validator: number;
};

export function encodeEvidence(evidence: Evidence): Uint8Array {
  const writer = startMessage(messageType.evidence, 6, 384);
  writer.uint(evidence.height).uint(evidence.validator);
  if ("justification" in evidence) {
    return writeStatement(writer, evidence.proposal).bytes(evidence.justification).finish();
  }
  writeStatement(writer, evidence.first);
  return writeStatement(writer, evidence.second).finish();
}

/** @throws Fault CBOR_*, SEAL_INVALID */
export function decodeEvidence(encoded: Uint8Array): Evidence {
  const shape = { name: "evidence", type: messageType.evidence, items: 6, maxBytes: MAX_BYTES };
  const reader = openMessage(encoded, shape);
  const height = reader.uint("height");
  const validator = reader.uint("validator", MAX_VALIDATOR_INDEX);
  const misdeed = readMisdeed(reader);
  reader.end();
  return { height, validator, ...misdeed };
}

/**
 * What it is when the signatures are good, without a look at them; undefined when nothing speaks against
 * the statements.
 */
export function offenceOf(misdeed: Misdeed): OffenceName | undefined {
  if ("justification" in misdeed) return "unjustifiedProposal";
  const { first, second } = misdeed;
  if (!isOffence(first, second)) return undefined;
  if (second.type === voteType.roundChange) return "amnesia";
  if (first.type === voteType.proposal) return "doubleProposal";
  return first.type === voteType.prepare ? "doublePrepare" : "doubleCommit";
}

/**
 * True when the accused has signed it and it is an offence. `publicKeys` are those of the validators of
 * the height, in their order.
 */
export function verifyEvidence(
  suite: Suite,
  publicKeys: readonly Uint8Array[],
  place: Omit<VotePlace, "round">,
  evidence: Evidence,
): boolean {
  const verify = (from: number, statement: Statement, signature: Uint8Array): boolean => {
    const publicKey = publicKeys[from];
    if (publicKey === undefined) return false;
    return suite.verify(publicKey, statementPreimage(place, statement), signature);
  };
  const isSigned = (statement: SignedStatement) =>
    verify(evidence.validator, statement, statement.signature);
  if (!("justification" in evidence)) {
    const { first, second } = evidence;
    return isOffence(first, second) && isSigned(first) && isSigned(second);
  }
  const { proposal, justification: encoded } = evidence;
  if (!equalBytes(suite.hash(encoded), proposal.justificationHash)) return false;
  if (!isSigned(proposal)) return false;
  const voters = { quorum: quorum(publicKeys.length), verify };
  const claim = { round: proposal.round, justification: decodeJustification(encoded) };
  return judgeJustification(voters, claim, proposal.blockHash) instanceof Fault;
}

/**
 * E1–E3: two blocks proposed, prepared or committed in one round. E4: a commit that a later round
 * change does not own up to: the validator forgot, or hides, what it was bound to.
 */
export function isOffence(first: Statement, second: Statement): boolean {
  if (first.type === voteType.commit && second.type === voteType.roundChange) {
    return (
      second.round > first.round &&
      (second.prepared === null || second.prepared.round < first.round)
    );
  }
  if (first.type === voteType.roundChange || second.type === voteType.roundChange) return false;
  return (
    first.type === second.type &&
    first.round === second.round &&
    !equalBytes(first.blockHash, second.blockHash)
  );
}

function readMisdeed(reader: CborReader): Misdeed {
  const first = readStatement(reader);
  if (!reader.isBytes) return { first, second: readStatement(reader) };
  if (first.type !== voteType.proposal) {
    throw new Fault("CBOR_SHAPE", "only a proposal has a justification");
  }
  const justification = reader.bytes("justification", MAX_JUSTIFICATION_BYTES);
  // One that cannot be read was never taken for a proposal.
  decodeJustification(justification);
  return { proposal: first, justification };
}

function writeStatement(writer: CborWriter, statement: SignedStatement): CborWriter {
  writer.array(4).uint(statement.type).uint(statement.round);
  if (statement.type === voteType.proposal) {
    writer.array(2).bytes(statement.blockHash).bytes(statement.justificationHash);
  } else if (statement.type === voteType.roundChange) {
    const { prepared } = statement;
    if (prepared === null) writer.null();
    else writer.array(2).uint(prepared.round).bytes(prepared.blockHash);
  } else {
    writer.bytes(statement.blockHash);
  }
  return writer.bytes(statement.signature);
}

function readStatement(reader: CborReader): SignedStatement {
  reader.tuple("statement", 4);
  const type = reader.uint("type");
  const round = reader.uint("round", MAX_ROUND);
  const statement = readClaim(reader, type, round);
  return { ...statement, signature: reader.fixedBytes("signature", 64) };
}

function readClaim(reader: CborReader, type: number, round: number): Statement {
  if (type === voteType.prepare || type === voteType.commit) {
    return { type, round, blockHash: reader.fixedBytes("blockHash", 32) };
  }
  if (type === voteType.roundChange) return { type, round, prepared: readPreparedClaim(reader) };
  if (type !== voteType.proposal) throw new Fault("CBOR_SHAPE", `no statement has type ${type}`);
  reader.tuple("claim", 2);
  const blockHash = reader.fixedBytes("blockHash", 32);
  const justificationHash = reader.fixedBytes("justificationHash", 32);
  return { type, round, blockHash, justificationHash };
}
