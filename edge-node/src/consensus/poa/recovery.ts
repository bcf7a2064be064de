import type { Seal } from "@gridledger/protocol/ledger/seal";
import { type Vote, type VoteType, voteType } from "@gridledger/protocol/ledger/vote";
import type { PreparedCertificate } from "@gridledger/protocol/messages/certificate";
import { decodeCommit } from "@gridledger/protocol/messages/commit";
import { decodePrepare } from "@gridledger/protocol/messages/prepare";
import { decodeRoundChange, type RoundChange } from "@gridledger/protocol/messages/round-change";
import type { ConsensusLane } from "@gridledger/protocol/topics";
import { type ProposedBlock, signingStep, type WalRecord } from "../ports.ts";

/** Where a node stood in a height when it lost its power. */
export interface HeightMemory {
  readonly round: number;
  readonly blocks: readonly ProposedBlock[];
  readonly prepared: PreparedCertificate | null;
  readonly decided: { readonly blockHash: Uint8Array; readonly seal: Seal } | undefined;
  /** Messages of the round, to be sent again. */
  readonly outbox: readonly { readonly lane: ConsensusLane; readonly bytes: Uint8Array }[];
  /** Own votes and round change of the round. */
  readonly votes: readonly { readonly type: VoteType; readonly vote: Vote }[];
  readonly roundChange: RoundChange | undefined;
}

type SignedRecord = Extract<WalRecord, { kind: "signed" }>;

/** What the WAL knows about a height; undefined when it knows nothing. */
export function recall(records: readonly WalRecord[], height: number): HeightMemory | undefined {
  const signed: SignedRecord[] = [];
  const blocks: ProposedBlock[] = [];
  let prepared: PreparedCertificate | null = null;
  let decided: HeightMemory["decided"];
  for (const record of records) {
    if (record.kind === "amnesia" || record.kind === "renewed" || record.height !== height)
      continue;
    if (record.kind === "signed") signed.push(record);
    else if (record.kind === "block") blocks.push(record.block);
    else if (record.kind === "decided") decided = record;
    else if (prepared === null || record.certificate.round > prepared.seal.round) {
      prepared = { blockHash: record.blockHash, seal: record.certificate };
    }
  }
  if (signed.length + blocks.length === 0 && decided === undefined) return undefined;
  const round = Math.max(0, ...signed.map((record) => record.round));
  return { round, blocks, prepared, decided, ...ownMessages(signed, round) };
}

function ownMessages(
  signed: readonly SignedRecord[],
  round: number,
): Pick<HeightMemory, "outbox" | "votes" | "roundChange"> {
  const outbox: { lane: ConsensusLane; bytes: Uint8Array }[] = [];
  const votes: { type: VoteType; vote: Vote }[] = [];
  let roundChange: RoundChange | undefined;
  for (const { step, message, ...record } of signed) {
    if (record.round !== round || message.length === 0) continue;
    outbox.push({ lane: step === signingStep.roundChange ? "r" : "v", bytes: message });
    if (step === signingStep.roundChange) roundChange = decodeRoundChange(message);
    if (step === signingStep.prepare) {
      votes.push({ type: voteType.prepare, vote: decodePrepare(message) });
    }
    if (step === signingStep.commit) {
      votes.push({ type: voteType.commit, vote: decodeCommit(message) });
    }
  }
  return { outbox, votes, roundChange };
}
