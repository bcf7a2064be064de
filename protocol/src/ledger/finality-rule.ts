import type { Header } from "./header.ts";
import type { Seal } from "./seal.ts";
import type { ValidatorSet } from "./validators.ts";

export interface SealedBlockHeader {
  readonly header: Header;
  readonly blockHash: Uint8Array;
}

/** What makes a block final: the one place where validators, hub, bridges and verifiers learn it. */
export interface FinalityRule {
  /** A block is final when so many follow it; 0 means at once. */
  readonly depth: number;
  /** How long a block takes to become final beside the channel's policy, in ms. */
  readonly usualMs: number;
  /**
   * @param sets the set of the block's height first; then others that the caller can vouch for
   * @throws Fault SEAL_INVALID, WORK_*
   */
  verify(sets: readonly ValidatorSet[], block: SealedBlockHeader, seal: Seal): void;
  /** What a header says beside the seal that must follow from its parent's. @throws Fault WORK_* */
  verifyStep(parent: Header, block: SealedBlockHeader): void;
}
