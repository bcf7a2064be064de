import { CborReader } from "../cbor/reader.ts";
import { CborWriter } from "../cbor/writer.ts";
import { Fault } from "../faults.ts";
import type { Header } from "./header.ts";

/** The last bytes of a header of a `pow` chain: what a miner changes. */
export const NONCE_BYTES = 8;
const MAX_ENGINE_DATA_BYTES = 512;
/** The work of all blocks that are not final yet still adds up exactly. */
const MAX_DIFFICULTY = 2 ** 44;
const MAX_DEPTH = 100;
/** A time between two blocks counts for at most so many intervals, forwards and backwards. */
const MAX_INTERVALS = 6;
const SPACE = 2n ** 256n;

/** How a `pow` chain makes its blocks: `engineParameters` of its genesis (docs/pow.md). */
export interface WorkParameters {
  /** Hashes that block 1 takes on average; also what a new chain begins with. */
  readonly firstDifficulty: number;
  /** The difficulty never falls below. */
  readonly minDifficulty: number;
  /** Time from block to block that the difficulty aims at. */
  readonly intervalMs: number;
  /** Blocks in which the difficulty follows a change of the miners' power. */
  readonly window: number;
  /** A block is final when so many follow it. */
  readonly finalityDepth: number;
}

/** What `engineData` of a header says on a `pow` chain: `[difficulty, nextDifficulty, quiet, nonce]`. */
export interface Work {
  /** Hashes that this block took on average: its hash is at most 2²⁵⁶ / difficulty. */
  readonly difficulty: number;
  /** What a block on this one must take. */
  readonly nextDifficulty: number;
  /** Empty blocks in a row that end with this one; they only make those before them final. */
  readonly quiet: number;
  readonly nonce: Uint8Array;
}

export function encodeWorkParameters(parameters: WorkParameters): Uint8Array {
  return new CborWriter(48)
    .array(5)
    .uint(parameters.firstDifficulty)
    .uint(parameters.minDifficulty)
    .uint(parameters.intervalMs)
    .uint(parameters.window)
    .uint(parameters.finalityDepth)
    .finish();
}

/** @throws Fault GENESIS_INVALID for what no chain can run on */
export function decodeWorkParameters(encoded: Uint8Array | undefined): WorkParameters {
  if (encoded === undefined) throw new Fault("GENESIS_INVALID", "pow needs engine parameters");
  const reader = new CborReader(encoded);
  reader.tuple("pow parameters", 5);
  const parameters = {
    firstDifficulty: reader.uint("firstDifficulty", MAX_DIFFICULTY),
    minDifficulty: reader.uint("minDifficulty", MAX_DIFFICULTY),
    intervalMs: reader.uint("intervalMs", 3_600_000),
    window: reader.uint("window", 4_096),
    finalityDepth: reader.uint("finalityDepth", MAX_DEPTH),
  };
  reader.end();
  const { firstDifficulty, minDifficulty, intervalMs, window, finalityDepth } = parameters;
  const isSound =
    minDifficulty >= 1 && firstDifficulty >= minDifficulty && intervalMs >= 10 && finalityDepth > 0;
  // Below 16 one block whose clock runs backwards could more than double the difficulty.
  if (!isSound || window < 16) throw new Fault("GENESIS_INVALID", "pow parameters out of range");
  return parameters;
}

export function encodeWork({ difficulty, nextDifficulty, quiet, nonce }: Work): Uint8Array {
  const writer = new CborWriter(40).array(4).uint(difficulty).uint(nextDifficulty).uint(quiet);
  return writer.bytes(nonce).finish();
}

/** @throws Fault WORK_INVALID when the header carries no work */
export function readWork({ engineData }: Header): Work {
  try {
    const reader = new CborReader(engineData, MAX_ENGINE_DATA_BYTES);
    reader.tuple("work", 4);
    const work = {
      difficulty: reader.uint("difficulty", MAX_DIFFICULTY),
      nextDifficulty: reader.uint("nextDifficulty", MAX_DIFFICULTY),
      quiet: reader.uint("quiet", MAX_DEPTH),
      nonce: reader.fixedBytes("nonce", NONCE_BYTES),
    };
    reader.end();
    return work;
  } catch (cause) {
    throw new Fault("WORK_INVALID", "the header carries no work", { cause });
  }
}

/** The largest hash that counts: a block of this difficulty is found in `difficulty` tries on average. */
export function workTarget(difficulty: number): Uint8Array {
  const target = (SPACE - 1n) / BigInt(Math.max(1, difficulty));
  return Buffer.from(target.toString(16).padStart(64, "0"), "hex");
}

export function hasWork(blockHash: Uint8Array, difficulty: number): boolean {
  return Buffer.compare(blockHash, workTarget(difficulty)) <= 0;
}

/** The block before, as far as the work of the next one follows from it; undefined is the genesis. */
export interface WorkParent {
  readonly timeMs: number;
  readonly work: Work | undefined;
}

/** True when nothing waits for being made final: the chain may rest, and the next block has no haste. */
export function isResting(parameters: WorkParameters, work: Work | undefined): boolean {
  return work === undefined || work.quiet >= parameters.finalityDepth;
}

/**
 * What the header of a block must say of its work, all but the nonce. Whether a block is empty and what
 * its clock shows decide it together with its parent.
 */
export function expectedWork(
  parameters: WorkParameters,
  parent: WorkParent,
  block: { readonly timeMs: number; readonly txCount: number },
): Omit<Work, "nonce"> {
  const { work } = parent;
  const difficulty = work?.nextDifficulty ?? parameters.firstDifficulty;
  // How long an idle chain waited for a transaction says nothing of the miners' power.
  const spanMs = isResting(parameters, work) ? parameters.intervalMs : block.timeMs - parent.timeMs;
  const quiet = block.txCount > 0 ? 0 : (work?.quiet ?? parameters.finalityDepth) + 1;
  return { difficulty, nextDifficulty: adapt(parameters, difficulty, spanMs), quiet };
}

/**
 * Moves the target by `(span − interval) / (window · interval)` of itself, a weighted moving average
 * that needs the last block alone. A span counts at most six intervals either way, so that no clock can
 * move it further; negative ones count, or clocks that run to and fro would lower it.
 */
function adapt(
  { intervalMs, window, minDifficulty }: WorkParameters,
  from: number,
  spanMs: number,
) {
  const bound = MAX_INTERVALS * intervalMs;
  const span = Math.min(bound, Math.max(-bound, spanMs));
  const whole = BigInt(window * intervalMs);
  const divisor = whole + BigInt(span - intervalMs);
  const next = Number((BigInt(from) * whole + divisor / 2n) / divisor);
  return Math.min(MAX_DIFFICULTY, Math.max(minDifficulty, next));
}
