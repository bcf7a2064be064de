import { Fault } from "../faults.ts";
import { equalBytes } from "../hex.ts";
import type { FinalityRule, SealedBlockHeader } from "./finality-rule.ts";
import type { Chain } from "./genesis.ts";
import { decodeHeader, type Header, headerHash } from "./header.ts";
import type { Confirmation, Seal } from "./seal.ts";
import type { ValidatorSet } from "./validators.ts";
import { votePreimage } from "./vote.ts";
import { expectedWork, hasWork, readWork, type WorkParameters } from "./work.ts";

/** What a miner signs stands at no vote's place: the number is that of the block's message. */
const MINED = 20;

/** The bytes that a miner signs of a block that it found. */
export function minedPreimage(chain: Chain, header: Header, blockHash: Uint8Array): Uint8Array {
  const { validatorsHash, height, round } = header;
  return votePreimage(MINED, { chainId: chain.chainId, validatorsHash, height, round }, blockHash);
}

/** @throws Fault SEAL_INVALID unless the proposer that the header names signed it */
export function verifyMined(
  chain: Chain,
  set: ValidatorSet,
  { header, blockHash }: SealedBlockHeader,
  signature: Uint8Array,
): void {
  const miner = set.validators[header.proposer];
  if (miner === undefined) throw new Fault("SEAL_INVALID", `no validator ${header.proposer}`);
  if (!chain.suite.verify(miner.publicKey, minedPreimage(chain, header, blockHash), signature)) {
    throw new Fault("SEAL_INVALID", `validator ${header.proposer} did not sign the block`);
  }
}

/** @throws Fault WORK_INVALID, WORK_INSUFFICIENT */
export function verifyWork(
  { minDifficulty, finalityDepth }: WorkParameters,
  { header, blockHash }: SealedBlockHeader,
): void {
  const { difficulty, quiet } = readWork(header);
  // No empty blocks but those that make others final: an idle chain is silent.
  if (quiet > finalityDepth) {
    throw new Fault("WORK_INVALID", `block ${header.height} is empty and nothing waits for it`);
  }
  if (difficulty < minDifficulty) {
    throw new Fault("WORK_INVALID", `difficulty ${difficulty}, at least ${minDifficulty}`);
  }
  if (!hasWork(blockHash, difficulty)) {
    throw new Fault("WORK_INSUFFICIENT", `the hash of block ${header.height} is above its target`);
  }
}

/**
 * The seal of a `pow` block is its miner's signature and the blocks that follow it, as many as the
 * genesis says, each with its own work and signature: final by depth (guide §4.2.1).
 */
export class WorkFinality implements FinalityRule {
  readonly depth: number;
  readonly usualMs: number;
  readonly #chain: Chain;
  readonly #parameters: WorkParameters;

  constructor(chain: Chain, parameters: WorkParameters) {
    this.#chain = chain;
    this.#parameters = parameters;
    this.depth = parameters.finalityDepth;
    this.usualMs = (parameters.finalityDepth + 1) * parameters.intervalMs;
  }

  verify(sets: readonly ValidatorSet[], block: SealedBlockHeader, seal: Seal): void {
    const { signatures, confirmations = [] } = seal;
    const [only] = signatures;
    if (only === undefined || signatures.length > 1 || only.signer !== block.header.proposer) {
      throw new Fault("SEAL_INVALID", "the miner of the block signs it, and nobody else");
    }
    if (!equalBytes(sets[0]?.hash ?? new Uint8Array(0), block.header.validatorsHash)) {
      throw new Fault("SEAL_INVALID", `block ${block.header.height} names another validator set`);
    }
    if (confirmations.length !== this.depth) {
      throw new Fault("SEAL_INVALID", `${confirmations.length} blocks follow, of ${this.depth}`);
    }
    this.#verifyBlock(sets, block, only.signature);
    let parent = block;
    for (const confirmation of confirmations) parent = this.#follow(sets, parent, confirmation);
  }

  verifyStep(parent: Header, { header }: SealedBlockHeader): void {
    const { difficulty } = readWork(header);
    if (difficulty !== readWork(parent).nextDifficulty) {
      throw new Fault("WORK_TARGET", `block ${header.height} does not take what its parent asks`);
    }
  }

  #follow(
    sets: readonly ValidatorSet[],
    parent: SealedBlockHeader,
    { encodedHeader, signature }: Confirmation,
  ): SealedBlockHeader {
    const header = decodeHeader(encodedHeader);
    const blockHash = headerHash(this.#chain.suite.hash, encodedHeader);
    const { height, parentHash, validatorsHash } = header;
    const follows = height === parent.header.height + 1 && equalBytes(parentHash, parent.blockHash);
    if (!follows || !equalBytes(validatorsHash, parent.header.nextValidatorsHash)) {
      throw new Fault("SEAL_INVALID", `the blocks after ${parent.header.height} are not a chain`);
    }
    const block = { header, blockHash };
    this.verifyStep(parent.header, block);
    const parentWork = { timeMs: parent.header.timeMs, work: readWork(parent.header) };
    const { nextDifficulty, quiet } = expectedWork(this.#parameters, parentWork, header);
    const told = readWork(header);
    if (told.nextDifficulty !== nextDifficulty || told.quiet !== quiet) {
      throw new Fault("WORK_TARGET", `block ${height} asks the next for another target`);
    }
    this.#verifyBlock(sets, block, signature);
    return block;
  }

  /** The keys of a set that came into force meanwhile may be unknown here: then the work counts alone. */
  #verifyBlock(
    sets: readonly ValidatorSet[],
    block: SealedBlockHeader,
    signature: Uint8Array,
  ): void {
    verifyWork(this.#parameters, block);
    const set = sets.find(({ hash }) => equalBytes(hash, block.header.validatorsHash));
    if (set !== undefined) verifyMined(this.#chain, set, block, signature);
  }
}
