import { identityId } from "@gridledger/protocol/crypto/identity-id";
import type { Suite } from "@gridledger/protocol/crypto/suite";
import { Fault } from "@gridledger/protocol/faults";
import { equalBytes, formatHex } from "@gridledger/protocol/hex";
import { quorum, type ValidatorSet } from "@gridledger/protocol/ledger/validators";
import { type Vote, type VoteType, votePreimage, voteType } from "@gridledger/protocol/ledger/vote";
import { encodeCertificate } from "@gridledger/protocol/messages/certificate";
import { decodeCommit } from "@gridledger/protocol/messages/commit";
import { decodePrepare } from "@gridledger/protocol/messages/prepare";

/** Validators decide before this hub has indexed: votes of so many heights above its head are taken. */
const HEIGHTS_AHEAD = 8;
/** Honest validators give two votes a height to the relay; more are for rounds that go without it. */
const MAX_VOTES_EACH = 4;
/** Place of the type in `[version, type, …]`, all of one byte. */
const TYPE_AT = 2;

interface CollectorDeps {
  readonly suite: Suite;
  readonly chainId: Uint8Array;
  /** Height of the last block that is known to be final. */
  readonly headHeight: () => number;
  /** The set that seals a height; for heights above the next one the latest known. */
  readonly setAt: (height: number) => ValidatorSet;
}

interface Held extends Vote {
  readonly type: VoteType;
  /** Hash of the set under which the signature was found wrong. */
  wrongFor?: Uint8Array;
  right?: boolean;
}

interface Height {
  readonly votes: Held[];
  /** Somebody speaks to the relay alone. */
  isAsked: boolean;
  /** What a certificate was made for: type, round and block. */
  readonly done: Set<string>;
}

/**
 * Collects the votes of validators into certificates: a quorum over one block in one message. Looks at
 * signatures only when a quorum is there. Does no I/O; memory is bounded by validators and heights.
 */
export class VoteCollector {
  readonly #deps: CollectorDeps;
  readonly #heights = new Map<number, Height>();

  constructor(deps: CollectorDeps) {
    this.#deps = deps;
  }

  get size(): number {
    let votes = 0;
    for (const height of this.#heights.values()) votes += height.votes.length;
    return votes;
  }

  /**
   * Takes what a validator published; the encoded certificate it completes, if any. `isForRelay` where
   * nobody else hears it: without such a vote nobody waits for a certificate, and none is made.
   *
   * @throws Fault CBOR_*, VOTE_SENDER, VOTE_PLACE, VOTE_REPEATED
   */
  hear(publisher: string, encoded: Uint8Array, isForRelay: boolean): Uint8Array | undefined {
    const vote = readVote(encoded);
    const head = this.#deps.headHeight();
    if (vote.height <= head || vote.height > head + HEIGHTS_AHEAD) {
      throw new Fault("VOTE_PLACE", `height ${vote.height}, the head is ${head}`);
    }
    const set = this.#deps.setAt(vote.height);
    this.#checkSender(set, publisher, vote);
    this.#forget(head);
    const height = this.#heightOf(vote.height);
    height.isAsked ||= isForRelay;
    this.#hold(height, vote);
    return this.#certify(height, set, vote);
  }

  #checkSender({ validators }: ValidatorSet, publisher: string, { from }: Vote): void {
    const validator = validators[from];
    const { hash } = this.#deps.suite;
    const is = validator && formatHex(identityId(hash, validator.publicKey)) === publisher;
    if (!is) throw new Fault("VOTE_SENDER", `speaks as validator ${from}`);
  }

  /** One vote for each type and round; a newer one takes the place of one that was never right. */
  #hold({ votes }: Height, vote: Held): void {
    const own = votes.filter(({ from }) => from === vote.from);
    const same = own.find(({ type, round }) => type === vote.type && round === vote.round);
    if (same !== undefined && (same.right || equalBytes(same.signature, vote.signature))) {
      throw new Fault("VOTE_REPEATED", `validator ${vote.from} in round ${vote.round}`);
    }
    const oldest = same ?? (own.length < MAX_VOTES_EACH ? undefined : own[0]);
    if (oldest !== undefined) votes.splice(votes.indexOf(oldest), 1);
    votes.push(vote);
  }

  #certify(height: Height, set: ValidatorSet, vote: Held): Uint8Array | undefined {
    const { type, round, blockHash } = vote;
    const key = `${type}:${round}:${formatHex(blockHash)}`;
    if (!height.isAsked || height.done.has(key)) return undefined;
    const needed = quorum(set.validators.length);
    const matching = height.votes.filter(
      (held) => held.type === type && held.round === round && equalBytes(held.blockHash, blockHash),
    );
    if (matching.length < needed) return undefined;
    const right = matching.filter((held) => this.#isRight(held, set)).slice(0, needed);
    if (right.length < needed) return undefined;
    height.done.add(key);
    const signatures = right
      .map(({ from: signer, signature }) => ({ signer, signature }))
      .sort((a, b) => a.signer - b.signer);
    return encodeCertificate({ type, height: vote.height, blockHash, seal: { round, signatures } });
  }

  #isRight(held: Held, { validators, hash }: ValidatorSet): boolean {
    if (held.right) return true;
    // The set of a height far ahead may be another one than is known now: then it is looked at again.
    if (held.wrongFor !== undefined && equalBytes(held.wrongFor, hash)) return false;
    const validator = validators[held.from];
    if (validator === undefined) return false;
    const { suite, chainId } = this.#deps;
    const { height, round } = held;
    const place = { chainId, validatorsHash: hash, height, round };
    const preimage = votePreimage(held.type, place, held.blockHash);
    held.right = suite.verify(validator.publicKey, preimage, held.signature);
    if (!held.right) held.wrongFor = hash;
    return held.right;
  }

  #heightOf(height: number): Height {
    let found = this.#heights.get(height);
    if (found === undefined) {
      found = { votes: [], isAsked: false, done: new Set() };
      this.#heights.set(height, found);
    }
    return found;
  }

  #forget(head: number): void {
    for (const height of this.#heights.keys()) if (height <= head) this.#heights.delete(height);
  }
}

/** @throws Fault CBOR_* */
function readVote(encoded: Uint8Array): Held {
  const isCommit = encoded[TYPE_AT] === voteType.commit;
  const type = isCommit ? voteType.commit : voteType.prepare;
  return { type, ...(isCommit ? decodeCommit(encoded) : decodePrepare(encoded)) };
}
