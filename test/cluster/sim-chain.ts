import type { CommitteeParameters } from "@gridledger/protocol/committee/parameters";
import { committeeOf, firstTerm, nextTerm, type Term } from "@gridledger/protocol/committee/term";
import { Fault } from "@gridledger/protocol/faults";
import { equalBytes, formatHex } from "@gridledger/protocol/hex";
import { encodeHeader, plainHeader } from "@gridledger/protocol/ledger/header";
import type { Seal } from "@gridledger/protocol/ledger/seal";
import {
  type MissedTurns,
  missedAfter,
  passedOver,
  type Turn,
} from "@gridledger/protocol/ledger/turns";
import {
  type Validator,
  type ValidatorSet,
  validatorsHash,
} from "@gridledger/protocol/ledger/validators";
import type { BlockCheck, BlockPort, ProposedBlock } from "../../edge-node/src/consensus/ports.ts";
import { fakeSuite } from "./fake-suite.ts";
import { applyVotes, membershipOf, type SimMembership } from "./sim-membership.ts";

const MAX_TRANSACTIONS = 8;
const { hash } = fakeSuite;

export interface FinalBlock {
  readonly block: ProposedBlock;
  readonly seal: Seal;
  readonly bodies: readonly Uint8Array[];
}

/** Who votes from a height on, and who seals. */
interface Span {
  readonly membership: SimMembership;
  readonly set: ValidatorSet;
  readonly term: Term | undefined;
}

function spanOf(membership: SimMembership, term: Term | undefined): Span {
  if (term === undefined) return { membership, set: membership.set, term };
  const validators = committeeOf(term, membership.set.validators);
  return { membership, set: { validators, hash: validatorsHash(hash, validators) }, term };
}

const genesisHash = hash(Uint8Array.of(1, 2, 3));
const genesisRoot = hash(Uint8Array.of(4, 5, 6));

const known = new WeakMap<Uint8Array, { readonly txHash: Uint8Array; readonly key: string }>();

/** The same bytes go round many times. */
function nameOf(body: Uint8Array): { readonly txHash: Uint8Array; readonly key: string } {
  let name = known.get(body);
  if (name === undefined) {
    const txHash = hash(body);
    name = { txHash, key: formatHex(txHash) };
    known.set(body, name);
  }
  return name;
}

/** One node's chain, pool and execution: a state root that depends on every transaction before it. */
export class SimChain implements BlockPort {
  readonly now: () => number;
  /** This node's number in the set of the next block. */
  proposer = 0;
  /** Who votes at block i + 1, and who seals it. */
  readonly #spans: Span[];
  readonly #committee: CommitteeParameters | undefined;
  /** Survives a crash. */
  blocks: FinalBlock[] = [];
  /** Lost in a crash; by hash in hex. */
  pool = new Map<string, Uint8Array>();
  bodies = new Map<string, Uint8Array>();
  missed: readonly MissedTurns[] = [];
  readonly #included = new Set<string>();

  constructor(
    validatorsHash: Uint8Array,
    now: () => number,
    validators: readonly Validator[] = [],
    committee?: CommitteeParameters,
  ) {
    this.#committee = committee;
    const membership = membershipOf(validators, validatorsHash);
    const term = committee && firstTerm(this.#place(committee, 1, genesisHash), validators);
    this.#spans = [spanOf(membership, term)];
    this.now = now;
  }

  /** Who seals the block after the head. */
  get set(): ValidatorSet {
    return this.#span.set;
  }

  /** Who seals the block at a height that is at most one above the head. */
  setAt(height: number): ValidatorSet {
    const span = this.#spans[height - 1];
    if (span === undefined) throw new Error(`the set of height ${height} is not known`);
    return span.set;
  }

  get height(): number {
    return this.blocks.length;
  }

  get headHash(): Uint8Array {
    return this.blocks.at(-1)?.block.blockHash ?? genesisHash;
  }

  /** Whose turns come last at the next height. */
  get passedOver(): readonly number[] {
    return passedOver(this.missed, this.set.validators, this.height + 1);
  }

  offer(body: Uint8Array): boolean {
    const { key } = nameOf(body);
    this.bodies.set(key, body);
    if (this.#included.has(key) || this.pool.has(key)) return false;
    this.pool.set(key, body);
    return true;
  }

  bodiesOf(txHashes: readonly Uint8Array[]): Uint8Array[] {
    return txHashes.map((txHash) => {
      const body = this.bodies.get(formatHex(txHash));
      if (body === undefined) throw new Error("a block was recorded without its bodies");
      return body;
    });
  }

  build(round: number): ProposedBlock | undefined {
    const bodies = [...this.pool.values()].slice(0, MAX_TRANSACTIONS);
    if (bodies.length === 0) return undefined;
    const txHashes = bodies.map((body) => nameOf(body).txHash);
    const txRoot = hash(...txHashes);
    const turn = { height: this.height + 1, proposer: this.proposer, round };
    const header = {
      height: this.height + 1,
      timeMs: Math.max(Math.floor(this.now()), this.#headTimeMs + 1),
      parentHash: this.headHash,
      txRoot,
      stateRoot: hash(this.#stateRoot, txRoot),
      validatorsHash: this.set.hash,
      nextValidatorsHash: this.#after(turn, bodies).set.hash,
      proposer: this.proposer,
      round,
      txCount: txHashes.length,
      ...plainHeader,
    };
    const encodedHeader = encodeHeader(header);
    return { header, encodedHeader, blockHash: hash(encodedHeader), txHashes };
  }

  check(block: ProposedBlock, fresh: boolean): BlockCheck {
    const { header, txHashes } = block;
    if (fresh && header.timeMs > this.now() + 5_000) return this.#wrong("from the future");
    if (header.timeMs <= this.#headTimeMs) return this.#wrong("not after its parent");
    if (!equalBytes(header.validatorsHash, this.set.hash)) return this.#wrong("another set");
    if (header.height !== this.height + 1) return this.#wrong("another height");
    if (!equalBytes(header.parentHash, this.headHash)) return this.#wrong("another parent");
    const txRoot = hash(...txHashes);
    if (!equalBytes(txRoot, header.txRoot)) return this.#wrong("transactions are not the root's");
    const missing = txHashes.filter((txHash) => !this.bodies.has(formatHex(txHash)));
    if (missing.length > 0) return { ok: false, missing };
    const keys = txHashes.map(formatHex);
    if (new Set(keys).size !== keys.length) return this.#wrong("a transaction twice");
    if (keys.some((key) => this.#included.has(key))) return this.#wrong("an old transaction");
    if (!equalBytes(header.stateRoot, hash(this.#stateRoot, txRoot))) return this.#wrong("root");
    const next = this.#after(header, this.bodiesOf(txHashes)).set.hash;
    if (!equalBytes(header.nextValidatorsHash, next)) return this.#wrong("another next set");
    return { ok: true };
  }

  /** @throws Fault when the block does not follow */
  store(final: FinalBlock): void {
    for (const body of final.bodies) this.bodies.set(nameOf(body).key, body);
    const check = this.check(final.block, false);
    if (!check.ok) throw "fault" in check ? check.fault : new Fault("BLOCK_INVALID", "no bodies");
    const before = this.set.validators;
    this.#spans.push(this.#after(final.block.header, final.bodies));
    this.blocks.push(final);
    this.missed = missedAfter(this.missed, before, final.block.header).filter(({ publicKey }) =>
      this.set.validators.some((validator) => equalBytes(validator.publicKey, publicKey)),
    );
    for (const txHash of final.block.txHashes) {
      const key = formatHex(txHash);
      this.#included.add(key);
      this.pool.delete(key);
    }
    // An action that still waits for the disk may name the bodies of a block that sync stored first.
    const old = this.blocks.at(-3);
    for (const txHash of old?.block.txHashes ?? []) this.bodies.delete(formatHex(txHash));
  }

  /** The power goes: what was only in memory is lost. */
  crash(): void {
    this.pool = new Map();
    this.bodies = new Map();
  }

  wipe(): void {
    this.crash();
    this.blocks = [];
    this.missed = [];
    this.#spans.length = 1;
    this.#included.clear();
  }

  get #span(): Span {
    return this.#spans.at(-1)!;
  }

  /** Who votes and who seals after a block on the head. */
  #after(turn: Turn, bodies: readonly Uint8Array[]): Span {
    const { membership, set, term } = this.#span;
    const voted = applyVotes(membership, bodies);
    if (this.#committee === undefined || term === undefined) return spanOf(voted, undefined);
    const absent = missedAfter(this.missed, set.validators, turn).map(({ publicKey }) => publicKey);
    const place = this.#place(this.#committee, turn.height + 1, this.headHash);
    const next = nextTerm(place, voted.set.validators, term, absent);
    return next === term && voted === membership ? this.#span : spanOf(voted, next);
  }

  #place(parameters: CommitteeParameters, height: number, seedHash: Uint8Array) {
    return { hash, chainId: genesisHash, parameters, height, seedHash };
  }

  get #headTimeMs(): number {
    return this.blocks.at(-1)?.block.header.timeMs ?? 0;
  }

  get #stateRoot(): Uint8Array {
    return this.blocks.at(-1)?.block.header.stateRoot ?? genesisRoot;
  }

  #wrong(detail: string): BlockCheck {
    return { ok: false, fault: new Fault("BLOCK_INVALID", detail) };
  }
}
