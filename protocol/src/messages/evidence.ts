import type { CborReader } from "../cbor/reader.ts";
import type { CborWriter } from "../cbor/writer.ts";
import type { Suite } from "../crypto/suite.ts";
import { Fault } from "../faults.ts";
import { equalBytes } from "../hex.ts";
import {
  MAX_ROUND,
  MAX_VALIDATOR_INDEX,
  type Statement,
  statementPreimage,
  type VotePlace,
  voteType,
} from "../ledger/vote.ts";
import { openMessage, startMessage } from "./envelope.ts";
import { messageType } from "./numbers.ts";
import { readPreparedClaim } from "./proposal.ts";

const MAX_BYTES = 1_024;

export type SignedStatement = Statement & { readonly signature: Uint8Array };

/**
 * Two statements of one validator that no honest one signs:
 * `[version, 12, height, validator, first, second]`, each `[type, round, claim, signature]`. Proves itself
 * to whoever knows the validators of the height.
 */
export interface Evidence {
  readonly height: number;
  readonly validator: number;
  readonly first: SignedStatement;
  readonly second: SignedStatement;
}

export function encodeEvidence(evidence: Evidence): Uint8Array {
  const writer = startMessage(messageType.evidence, 6, 384);
  writer.uint(evidence.height).uint(evidence.validator);
  writeStatement(writer, evidence.first);
  return writeStatement(writer, evidence.second).finish();
}

/** @throws Fault CBOR_* */
export function decodeEvidence(encoded: Uint8Array): Evidence {
  const shape = { name: "evidence", type: messageType.evidence, items: 6, maxBytes: MAX_BYTES };
  const reader = openMessage(encoded, shape);
  const height = reader.uint("height");
  const validator = reader.uint("validator", MAX_VALIDATOR_INDEX);
  const first = readStatement(reader);
  const second = readStatement(reader);
  reader.end();
  return { height, validator, first, second };
}

/** True when both statements are signed by the key and together are an offence. */
export function verifyEvidence(
  suite: Suite,
  publicKey: Uint8Array,
  place: Omit<VotePlace, "round">,
  evidence: Evidence,
): boolean {
  if (!isOffence(evidence.first, evidence.second)) return false;
  return [evidence.first, evidence.second].every((statement) =>
    suite.verify(publicKey, statementPreimage(place, statement), statement.signature),
  );
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
