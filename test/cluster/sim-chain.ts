import { Fault } from "@gridledger/protocol/faults";
import { equalBytes, formatHex } from "@gridledger/protocol/hex";
import { encodeHeader, plainHeader } from "@gridledger/protocol/ledger/header";
import type { Seal } from "@gridledger/protocol/ledger/seal";
import { type MissedTurns, missedAfter, passedOver } from "@gridledger/protocol/ledger/turns";
import type { Validator } from "@gridledger/protocol/ledger/validators";
import type { BlockCheck, BlockPort, ProposedBlock } from "../../edge-node/src/consensus/ports.ts";
import { fakeSuite } from "./fake-suite.ts";

const MAX_TRANSACTIONS = 8;
const { hash } = fakeSuite;

export interface FinalBlock {
  readonly block: ProposedBlock;
  readonly seal: Seal;
  readonly bodies: readonly Uint8Array[];
}

const genesisHash = hash(Uint8Array.of(1, 2, 3));
const genesisRoot = hash(Uint8Array.of(4, 5, 6));

function transactionHash(body: Uint8Array): Uint8Array {
  return hash(body);
}

/** One node's chain, pool and execution: a state root that depends on every transaction before it. */
export class SimChain implements BlockPort {
  readonly validatorsHash: Uint8Array;
  readonly now: () => number;
  proposer = 0;
  /** Survives a crash. */
  blocks: FinalBlock[] = [];
  /** Lost in a crash; by hash in hex. */
  pool = new Map<string, Uint8Array>();
  bodies = new Map<string, Uint8Array>();
  missed: readonly MissedTurns[] = [];
  readonly #included = new Set<string>();
  readonly #validators: readonly Validator[];

  constructor(
    validatorsHash: Uint8Array,
    now: () => number,
    validators: readonly Validator[] = [],
  ) {
    this.#validators = validators;
    this.validatorsHash = validatorsHash;
    this.now = now;
  }

  get height(): number {
    return this.blocks.length;
  }

  get headHash(): Uint8Array {
    return this.blocks.at(-1)?.block.blockHash ?? genesisHash;
  }

  /** Whose turns come last at the next height. */
  get passedOver(): readonly number[] {
    return passedOver(this.missed, this.#validators, this.height + 1);
  }

  offer(body: Uint8Array): boolean {
    const key = formatHex(transactionHash(body));
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
    const txHashes = bodies.map(transactionHash);
    const txRoot = hash(...txHashes);
    const header = {
      height: this.height + 1,
      timeMs: Math.floor(this.now()),
      parentHash: this.headHash,
      txRoot,
      stateRoot: hash(this.#stateRoot, txRoot),
      validatorsHash: this.validatorsHash,
      nextValidatorsHash: this.validatorsHash,
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
    return { ok: true };
  }

  /** @throws Fault when the block does not follow */
  store(final: FinalBlock): void {
    for (const body of final.bodies) this.bodies.set(formatHex(transactionHash(body)), body);
    const check = this.check(final.block, false);
    if (!check.ok) throw "fault" in check ? check.fault : new Fault("BLOCK_INVALID", "no bodies");
    this.blocks.push(final);
    this.missed = missedAfter(this.missed, this.#validators, final.block.header);
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
    this.#included.clear();
  }

  get #stateRoot(): Uint8Array {
    return this.blocks.at(-1)?.block.header.stateRoot ?? genesisRoot;
  }

  #wrong(detail: string): BlockCheck {
    return { ok: false, fault: new Fault("BLOCK_INVALID", detail) };
  }
}
