import type { CborReader } from "../cbor/reader.ts";
import { CborWriter } from "../cbor/writer.ts";

/** Rounds on the wire are 32 bits wide. */
export const MAX_ROUND = 0xffff_ffff;
export const MAX_VALIDATOR_INDEX = 1_023;

/** What a vote says. The numbers are those of the message table and are signed. */
export const voteType = { proposal: 1, prepare: 2, commit: 3, roundChange: 4 } as const;

/** The statements that are counted towards a quorum over a block. */
export type VoteType = typeof voteType.prepare | typeof voteType.commit;

/** The place a consensus signature is bound to: chain, validator set, height and round. */
export interface VotePlace {
  readonly chainId: Uint8Array;
  readonly validatorsHash: Uint8Array;
  readonly height: number;
  readonly round: number;
}

/** What a PREPARE or a COMMIT signs: `["GL1", chainId, validatorsHash, type, height, round, blockHash]`. */
export function votePreimage(type: number, place: VotePlace, blockHash: Uint8Array): Uint8Array {
  return new CborWriter(160)
    .array(7)
    .text("GL1")
    .bytes(place.chainId)
    .bytes(place.validatorsHash)
    .uint(type)
    .uint(place.height)
    .uint(place.round)
    .bytes(blockHash)
    .finish();
}

/** A PREPARE or a COMMIT as sent. Its signature is over `votePreimage`. */
export interface Vote {
  readonly height: number;
  readonly round: number;
  /** Index in the validator set of `height`. */
  readonly from: number;
  readonly blockHash: Uint8Array;
  readonly signature: Uint8Array;
}

export function writeVote(writer: CborWriter, vote: Vote): CborWriter {
  return writer
    .uint(vote.height)
    .uint(vote.round)
    .uint(vote.from)
    .bytes(vote.blockHash)
    .bytes(vote.signature);
}

/** @throws Fault CBOR_* */
export function readVote(reader: CborReader): Vote {
  return {
    height: reader.uint("height"),
    round: reader.uint("round", MAX_ROUND),
    from: reader.uint("from", MAX_VALIDATOR_INDEX),
    blockHash: reader.fixedBytes("blockHash", 32),
    signature: reader.fixedBytes("signature", 64),
  };
}

/** What a round change says was prepared before, if anything. */
export interface PreparedClaim {
  readonly round: number;
  readonly blockHash: Uint8Array;
}

/** Everything a validator may sign in consensus, without the place. Two of them can prove an offence. */
export type Statement =
  | {
      readonly type: typeof voteType.proposal;
      readonly round: number;
      readonly blockHash: Uint8Array;
      /** Hash of the encoded justification. */
      readonly justificationHash: Uint8Array;
    }
  | {
      readonly type: typeof voteType.prepare;
      readonly round: number;
      readonly blockHash: Uint8Array;
    }
  | {
      readonly type: typeof voteType.commit;
      readonly round: number;
      readonly blockHash: Uint8Array;
    }
  | {
      readonly type: typeof voteType.roundChange;
      readonly round: number;
      readonly prepared: PreparedClaim | null;
    };

/** The bytes that are signed for a statement at a height. */
export function statementPreimage(
  place: Omit<VotePlace, "round">,
  statement: Statement,
): Uint8Array {
  const { round } = statement;
  if (statement.type === voteType.prepare || statement.type === voteType.commit) {
    return votePreimage(statement.type, { ...place, round }, statement.blockHash);
  }
  const writer = new CborWriter(200).array(8).text("GL1");
  writer.bytes(place.chainId).bytes(place.validatorsHash);
  writer.uint(statement.type).uint(place.height).uint(round);
  if (statement.type !== voteType.roundChange) {
    return writer.bytes(statement.blockHash).bytes(statement.justificationHash).finish();
  }
  const { prepared } = statement;
  if (prepared === null) return writer.null().null().finish();
  return writer.uint(prepared.round).bytes(prepared.blockHash).finish();
}
