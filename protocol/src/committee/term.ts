import type { Hash } from "../crypto/suite.ts";
import { equalBytes } from "../hex.ts";
import { inKeyOrder, type Validator } from "../ledger/validators.ts";
import { draw } from "./draw.ts";
import { COMMITTEE, type CommitteeParameters, decodeCommitteeParameters } from "./parameters.ts";

/** The weight of a gateway that was there whenever it was asked. */
export const FULL_WEIGHT = 64;
/** Nobody falls below, so that who comes back is drawn again one day. */
export const MIN_WEIGHT = 4;
/** Who has never served is believed half. */
export const NEW_WEIGHT = FULL_WEIGHT / 2;
/** What a gateway that was not drawn gains in an epoch. */
const GAIN = 2;

export interface GatewayWeight {
  readonly publicKey: Uint8Array;
  readonly weight: number;
}

/** A committee at work, and how likely each gateway is to be drawn for the next. */
export interface Term {
  /** It seals from this height on. */
  readonly fromHeight: number;
  /** Keys of the members. */
  readonly members: readonly Uint8Array[];
  /** Of every gateway, in the order of the roster. */
  readonly weights: readonly GatewayWeight[];
}

/** What a draw rests on: final data that everybody has. */
export interface DrawPlace {
  readonly hash: Hash;
  readonly chainId: Uint8Array;
  readonly parameters: CommitteeParameters;
  /** The committee is to seal from this height on. */
  readonly height: number;
  /** Hash of the final block two below `height`; the chain id before there is one. */
  readonly seedHash: Uint8Array;
}

/** The committee that begins a channel, or follows another engine. */
export function firstTerm(place: DrawPlace, roster: readonly Validator[]): Term {
  const weights = roster.map(({ publicKey }) => ({ publicKey, weight: NEW_WEIGHT }));
  return drawTerm(place, weights);
}

/**
 * The term at `place.height`: the same one, or at the end of an epoch one drawn anew. A member that has
 * left the roster ends the term at once.
 *
 * @param absent members that missed their last turn to propose
 */
export function nextTerm(
  place: DrawPlace,
  roster: readonly Validator[],
  term: Term,
  absent: readonly Uint8Array[],
): Term {
  const { parameters, height } = place;
  const isOver = height >= term.fromHeight + parameters.epochBlocks;
  const isBroken = term.members.some((member) => !has(roster, member));
  if (!isOver && !isBroken) return term;
  const weights = roster.map(({ publicKey }) => ({
    publicKey,
    weight: weightAfter(term, publicKey, holds(absent, publicKey)),
  }));
  return drawTerm(place, weights);
}

interface GenesisFacts {
  readonly suite: { readonly hash: Hash };
  readonly chainId: Uint8Array;
  readonly genesis: { readonly engine: string; readonly engineParameters?: Uint8Array };
}

/** The committee of block 1, where the genesis names this engine. @throws Fault GENESIS_INVALID */
export function termOfGenesis(
  { suite, chainId, genesis }: GenesisFacts,
  roster: readonly Validator[],
): Term | undefined {
  if (genesis.engine !== COMMITTEE) return undefined;
  const parameters = decodeCommitteeParameters(genesis.engineParameters);
  const { hash } = suite;
  return firstTerm({ hash, chainId, parameters, height: 1, seedHash: chainId }, roster);
}

/** Who seals: the roster, or the committee where there is one. */
export function sealersOf(
  roster: readonly Validator[],
  term: Term | undefined,
): readonly Validator[] {
  return term === undefined || term.members.length === 0 ? roster : committeeOf(term, roster);
}

/** The set that seals while the term lasts: its members as the roster names them. */
export function committeeOf(term: Term, roster: readonly Validator[]): readonly Validator[] {
  return inKeyOrder(roster.filter(({ publicKey }) => holds(term.members, publicKey)));
}

function drawTerm(place: DrawPlace, weights: readonly GatewayWeight[]): Term {
  const { hash, chainId, parameters, height, seedHash } = place;
  const heightBytes = Buffer.alloc(8);
  heightBytes.writeBigUInt64BE(BigInt(height));
  const seed = hash(Buffer.from("gridledger committee"), chainId, heightBytes, seedHash);
  const drawn = draw(hash, seed, weights, parameters.seats);
  return { fromHeight: height, members: drawn.map(({ publicKey }) => publicKey), weights };
}

function weightAfter({ members, weights }: Term, publicKey: Uint8Array, isAbsent: boolean): number {
  const known = weights.find((one) => equalBytes(one.publicKey, publicKey));
  if (known === undefined) return NEW_WEIGHT;
  if (!holds(members, publicKey)) return Math.min(FULL_WEIGHT, known.weight + GAIN);
  if (isAbsent) return Math.max(MIN_WEIGHT, known.weight >> 2);
  return Math.min(FULL_WEIGHT, known.weight * 2);
}

function has(roster: readonly Validator[], key: Uint8Array): boolean {
  return roster.some(({ publicKey }) => equalBytes(publicKey, key));
}

function holds(keys: readonly Uint8Array[], key: Uint8Array): boolean {
  return keys.some((one) => equalBytes(one, key));
}
