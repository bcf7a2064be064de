import type { Signer, Suite } from "@gridledger/protocol/crypto/suite";
import type { Fault, FaultCode } from "@gridledger/protocol/faults";
import type { Chain } from "@gridledger/protocol/ledger/genesis";
import type { Header } from "@gridledger/protocol/ledger/header";
import type { Seal } from "@gridledger/protocol/ledger/seal";
import type { Validator, ValidatorSet } from "@gridledger/protocol/ledger/validators";
import type { ConsensusLane } from "@gridledger/protocol/topics";

/**
 * Everything a consensus engine sees of the world. An engine is a synchronous function from one event
 * to a list of actions: no clock, no randomness, no I/O, so that it runs the same under MQTT and under
 * the simulator's virtual time.
 */

/** A block before it is sealed: the header and the names of its transactions, in order. */
export interface ProposedBlock {
  readonly header: Header;
  readonly encodedHeader: Uint8Array;
  readonly blockHash: Uint8Array;
  readonly txHashes: readonly Uint8Array[];
}

export type BlockCheck =
  | { readonly ok: true }
  /** Bodies not held here; the engine asks for them with `fetch` and checks again on `bodiesArrived`. */
  | { readonly ok: false; readonly missing: readonly Uint8Array[] }
  | { readonly ok: false; readonly fault: Fault };

/** The chain as an engine sees it: in memory, synchronous, always on the head named by `newHeight`. */
export interface BlockPort {
  /**
   * A block on the current head with `header.proposer` = this validator's index and `header.round` =
   * `round`. Undefined when there is nothing to propose. What it returns passes `check`.
   */
  build(round: number): ProposedBlock | undefined;
  /**
   * Executes the block on the current head and compares every root. The engine has already compared
   * height, parent hash, validators hash, and for a fresh block proposer and round.
   *
   * `fresh` switches on the rules of the wall clock: a block proposed for the first time must not lie
   * in the future; one that a quorum prepared in an earlier round is never judged by the clock again.
   */
  check(block: ProposedBlock, fresh: boolean): BlockCheck;
}

/** A block that another may follow, final or not. */
export interface ParentBlock {
  readonly height: number;
  readonly hash: Uint8Array;
  readonly timeMs: number;
  /** Undefined for the genesis. */
  readonly header: Header | undefined;
  /** Times of the last eleven blocks, this one's last, as far as they are known. */
  readonly recentTimesMs: readonly number[];
  /** Seals what follows. */
  readonly validators: ValidatorSet;
}

/** What an engine asks of a header beside what every chain does: its time and its engine data. */
export interface HeaderRules {
  check(parent: ParentBlock, header: Header): Fault | undefined;
}

/** What a block that is being built will say, as far as the engine's data follow from it. */
export interface BranchDraft {
  readonly timeMs: number;
  readonly txCount: number;
}

/**
 * Blocks that are not final, for engines that choose between branches: each keeps the state after it,
 * so that going back costs nothing. All of it is in memory and synchronous.
 */
export interface BranchPort {
  /** The head, or a block that `check` has accepted since. */
  find(blockHash: Uint8Array): ParentBlock | undefined;
  /**
   * A block on `parentHash` of what waits; undefined where there is nothing to say and `mayBeEmpty` is
   * false. What it returns passes `check` when only the engine data changes.
   */
  build(
    parentHash: Uint8Array,
    wish: {
      readonly mayBeEmpty: boolean;
      readonly notBeforeMs: number;
      readonly engineData: (draft: BranchDraft) => Uint8Array;
    },
  ): ProposedBlock | undefined;
  /** Executes the block on its parent's state and keeps what came out. `fresh`: see `BlockPort.check`. */
  check(block: ProposedBlock, fresh: boolean): BlockCheck;
}

/** Steps inside one round in the only order in which they may be signed. Numbers are stored. */
export const signingStep = { roundChange: 0, proposal: 1, prepare: 2, commit: 3 } as const;
export type SigningStep = (typeof signingStep)[keyof typeof signingStep];

/**
 * `new`: began with neither WAL nor chain and has not committed yet. `active`: signatures of this key
 * may be forgotten, it signs nothing. `over`: everything that can matter is in the log.
 */
export type AmnesiaState = "new" | "active" | "over";

/**
 * What must survive a power cut (numbers on disk in `poa/wal-records.ts`). A record is durable before
 * any action after it is carried out.
 */
export type WalRecord =
  /** S and R: the highest thing this key has signed, and the message to send again. */
  | {
      readonly kind: "signed";
      readonly height: number;
      readonly round: number;
      readonly step: SigningStep;
      /** What distinguishes two signatures at one place. */
      readonly digest: Uint8Array;
      readonly signature: Uint8Array;
      /** The message as sent; empty for a proposal, which follows from the block record. */
      readonly message: Uint8Array;
    }
  /** B: a block this node votes for. The adapter stores the bodies beside it and restores them. */
  | { readonly kind: "block"; readonly height: number; readonly block: ProposedBlock }
  /** P: a quorum prepared `blockHash` in `certificate.round`. */
  | {
      readonly kind: "prepared";
      readonly height: number;
      readonly blockHash: Uint8Array;
      readonly certificate: Seal;
    }
  /** D: the block is final; written before the chain stores it. */
  | {
      readonly kind: "decided";
      readonly height: number;
      readonly blockHash: Uint8Array;
      readonly seal: Seal;
    }
  /** A: how much this log can be trusted; none means `over`. */
  | { readonly kind: "amnesia"; readonly state: AmnesiaState }
  /** Another set was ordered above this height: what stands before and above was said for the old one. */
  | { readonly kind: "renewed"; readonly height: number };

export type EngineEvent =
  /** First event, once: the records of the WAL, oldest first, their bodies already given to the chain. */
  | {
      readonly type: "restored";
      /**
       * `damaged`: an error before the tail. A torn tail was never sent and is `intact`. `missing`: not
       * one record, which is right only on the first start of a new validator.
       */
      readonly wal: "intact" | "damaged" | "missing";
      readonly records: readonly WalRecord[];
    }
  /**
   * The chain's head is now block `height − 1`, durably stored, whether this engine decided it or sync
   * brought it. Everything about lower heights is dropped.
   */
  | {
      readonly type: "newHeight";
      readonly height: number;
      readonly parentHash: Uint8Array;
      /** What made the head final, where it was imported in this life. */
      readonly parentSeal?: Seal;
      readonly validators: readonly Validator[];
      readonly validatorsHash: Uint8Array;
      /** Indexes of validators whose turns to propose come last; by the state, so equal everywhere. */
      readonly passedOver?: readonly number[];
      /** Time left of the policy's minimum block interval. */
      readonly waitMs: number;
      /** T0 = clamp(4 · p95 of the broker's round trip + execution budget, 2 s, 10 s). */
      readonly baseTimeoutMs: number;
    }
  /**
   * A message from a consensus topic; `publisher` is the identity id in the topic, in hex. The engine
   * keeps parts of `bytes`: nobody may write to them again.
   */
  | { readonly type: "message"; readonly publisher: string; readonly bytes: Uint8Array }
  | { readonly type: "timer"; readonly id: number }
  /** The work of the last `mine` was done. */
  | {
      readonly type: "mined";
      readonly id: number;
      readonly nonce: Uint8Array;
      /** Hashes tried for it on this node. */
      readonly hashes: number;
    }
  /** By the block policy a block is due: a full batch, or a transaction that has waited long enough. */
  | { readonly type: "work" }
  /** Transactions came in; sent only while a `fetch` is open (or always: it costs one comparison). */
  | { readonly type: "bodiesArrived" }
  | { readonly type: "connected" }
  | { readonly type: "disconnected" }
  /** A verified STATUS of another validator: `height` of its head. */
  | { readonly type: "peerStatus"; readonly publisher: string; readonly height: number }
  /** A verified STATUS signed with this node's key under another boot id. */
  | { readonly type: "ownKeyElsewhere" }
  /** The operator takes responsibility for ending amnesia. */
  | { readonly type: "released"; readonly reason: string };

/** Carried out strictly in this order, also across events: nothing overtakes a `record`. */
export type Action =
  /** One group, one sync. If it fails the engine is dropped: nothing after it may happen. */
  | { readonly type: "record"; readonly records: readonly WalRecord[] }
  /** A good moment to start a new WAL segment, which must begin with these records. */
  | { readonly type: "checkpoint"; readonly records: readonly WalRecord[] }
  | { readonly type: "broadcast"; readonly lane: ConsensusLane; readonly bytes: Uint8Array }
  /** Ask one validator for bodies; answer with `bodiesArrived`. */
  | {
      readonly type: "fetch";
      readonly publisher: string;
      readonly txHashes: readonly Uint8Array[];
    }
  /** Ids are never used twice in one life of an engine. */
  | { readonly type: "startTimer"; readonly id: number; readonly delayMs: number }
  | { readonly type: "stopTimer"; readonly id: number }
  /**
   * Try nonces, the last bytes of the header, until its hash is at most `target`; answer with `mined`.
   * Takes the place of whatever is tried at the moment.
   */
  | {
      readonly type: "mine";
      readonly id: number;
      readonly encodedHeader: Uint8Array;
      readonly target: Uint8Array;
    }
  | { readonly type: "stopMining" }
  /**
   * Final. Store the block, then send `newHeight`. `publish` says that this node is the one that
   * sends DECIDE to those who only follow.
   */
  | {
      readonly type: "decide";
      readonly block: ProposedBlock;
      readonly seal: Seal;
      readonly publish: boolean;
    }
  /** Proof of a validator's misbehaviour: a complete EVIDENCE message. */
  | { readonly type: "evidence"; readonly validator: number; readonly bytes: Uint8Array }
  /** An unverified hint that this publisher works at another height: below, send it the DECIDE; above, sync. */
  | { readonly type: "peerHeight"; readonly publisher: string; readonly height: number }
  | {
      readonly type: "reject";
      readonly code: FaultCode;
      readonly publisher: string;
      readonly detail: string;
    }
  | { readonly type: "alarm"; readonly code: FaultCode; readonly detail: string };

export interface ConsensusContext {
  readonly suite: Suite;
  readonly chainId: Uint8Array;
  /** The validator's key; undefined for a node that only follows. */
  readonly signer: Signer | undefined;
  readonly blocks: BlockPort;
}

/** What an engine is made with. */
export interface EngineContext extends ConsensusContext {
  readonly chain: Chain;
  readonly branches: BranchPort;
  /** The engine's own bytes, as the genesis or the vote that brought it in gives them. */
  readonly parameters: Uint8Array | undefined;
}
