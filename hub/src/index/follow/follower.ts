import { asFault, Fault } from "@gridledger/protocol/faults";
import { equalBytes } from "@gridledger/protocol/hex";
import { decodeBlock } from "@gridledger/protocol/ledger/block";
import type { Chain } from "@gridledger/protocol/ledger/genesis";
import { decodeHeader, type Header } from "@gridledger/protocol/ledger/header";
import { leafHash, type MerkleTree } from "@gridledger/protocol/merkle/tree";
import { decodeDecide } from "@gridledger/protocol/messages/decide";
import { decodeTransactions } from "@gridledger/protocol/messages/transactions";
import { filters } from "@gridledger/protocol/topics";
import type { Bus } from "../../bus.ts";
import type { Clock } from "../../clock.ts";
import type { Log } from "../../log.ts";
import type { ValidatorSets } from "../governance/validator-sets.ts";
import type { BodyCache } from "./body-cache.ts";
import {
  type CheckedBlock,
  checkHashes,
  checkParent,
  checkSeal,
  checkSet,
  type SealedHeader,
} from "./check-block.ts";

/** A DECIDE further ahead than this is not kept: its block will come by sync. */
const MAX_AHEAD = 64;
/** Bodies that are still on the way get this long before the block is fetched. */
const BODY_GRACE_MS = 150;
/** A validator said it is ahead: the DECIDE usually comes by itself. */
const HINT_GRACE_MS = 1_000;
/** A quiet chain is asked for news this often, one validator after the other. */
const POLL_MS = 20_000;
const RETRY_MS = 500;
const MAX_RETRY_MS = 8_000;

/** Where checked blocks go; `accepts` is false while it is full. */
interface BlockSink {
  readonly accepts: boolean;
  push(block: CheckedBlock): void;
}

interface Sync {
  readonly isBusy: boolean;
  ask(fromHeight: number): void;
}

interface FollowerDeps {
  readonly chain: Chain;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly log: Log;
  readonly bodies: BodyCache;
  readonly sink: BlockSink;
  readonly sets: Pick<ValidatorSets, "latest" | "accept" | "sealing">;
  /** A transaction came by, for the first time as far as this hub remembers or again. */
  readonly onSeen: (hash: Uint8Array, isFirst: boolean) => void;
}

interface Waiting extends SealedHeader {
  readonly txHashes: readonly Uint8Array[];
  readonly tree: MerkleTree;
}

/**
 * Follows the chain over the broker and believes nothing of it: a block counts when its seal
 * makes it final by the channel's rule, its parent is the block before and its transactions are its header's.
 */
export class Follower {
  readonly #deps: FollowerDeps;
  readonly #waiting = new Map<number, Waiting>();
  #accepted: { readonly height: number; readonly hash: Uint8Array; readonly header?: Header } = {
    height: 0,
    hash: new Uint8Array(32),
  };
  /** The highest height that a seal has proven. */
  #target = 0;
  #sync: Sync | undefined;
  #fruitless = 0;
  #cancelFetch: (() => void) | undefined;
  #cancelPoll: () => void = () => {};

  constructor(deps: FollowerDeps) {
    this.#deps = deps;
  }

  /** Goes on after `head`; `sync` brings what the broker did not. */
  start(head: { readonly height: number; readonly hash: Uint8Array }, sync: Sync): void {
    const { bus, chain } = this.#deps;
    const { channel } = chain.genesis;
    this.#accepted = { height: head.height, hash: head.hash };
    this.#target = head.height;
    this.#sync = sync;
    bus.subscribe(filters.transactions(channel), (_, payload) => this.#onTransactions(payload));
    bus.subscribe(filters.decides(channel), (_, payload) => this.#onDecide(payload));
    this.#poll(0);
  }

  stop(): void {
    this.#cancelPoll();
    this.#cancelFetch?.();
    this.#sync = undefined;
  }

  /** The highest block that is known to be final. */
  get knownHeight(): number {
    return Math.max(this.#target, this.#accepted.height);
  }

  /** Somebody says the chain is at `height`: believed only as far as asking. */
  hint(height: number): void {
    if (height > this.#accepted.height) this.#fetchAfter(HINT_GRACE_MS);
  }

  /** The sink has room again. */
  resume(): void {
    this.#advance();
    this.#fetchAfter(0);
  }

  /** Encoded blocks of a validator; false when they do not continue the chain. */
  onBlocks(blocks: readonly Uint8Array[]): boolean {
    const before = this.#accepted.height;
    let isGood = true;
    try {
      for (const encoded of blocks) this.#takeBlock(encoded);
    } catch (thrown) {
      const { code, message } = asFault(thrown);
      this.#deps.log.warn({ code, detail: message }, "a fetched block is refused");
      isGood = false;
    }
    const hasAdvanced = this.#accepted.height > before;
    // At the head of an idle chain there is nothing to get, which is nobody's fault.
    this.#fruitless = hasAdvanced || !this.#isBehind ? 0 : this.#fruitless + 1;
    this.#advance();
    // A full answer may have a successor nobody announced yet.
    if (hasAdvanced) this.#fetchAfter(0);
    return isGood;
  }

  get #isBehind(): boolean {
    return this.#target > this.#accepted.height;
  }

  #onTransactions(payload: Uint8Array): void {
    const { bodies, chain, onSeen } = this.#deps;
    let transactions: Uint8Array[];
    try {
      transactions = decodeTransactions(payload);
    } catch (thrown) {
      this.#ignore(thrown, "transactions");
      return;
    }
    for (const encoded of transactions) {
      if (encoded.length > chain.genesis.policy.maxTransactionBytes) continue;
      const hash = leafHash(chain.suite.hash, encoded);
      // A copy: a cached view would keep the whole packet alive.
      onSeen(hash, bodies.add(hash, Uint8Array.from(encoded)));
    }
    if (this.#waiting.size > 0) this.#advance();
  }

  #onDecide(payload: Uint8Array): void {
    try {
      const { encodedHeader, seal, txHashes } = decodeDecide(payload);
      // Every validator may publish it: the copies are dropped before anything is verified.
      const header = decodeHeader(encodedHeader);
      const { height } = header;
      if (height <= this.#accepted.height || this.#waiting.has(height)) return;
      const { latest } = this.#deps.sets;
      // Validators whom a block before it brings in: their seal can be judged when that block is here.
      if (!equalBytes(header.validatorsHash, latest.hash)) {
        this.hint(height);
        return;
      }
      const sealed = checkSeal(this.#deps.chain, latest, encodedHeader, seal);
      this.#target = Math.max(this.#target, height);
      if (height <= this.#accepted.height + MAX_AHEAD) {
        const tree = checkHashes(this.#deps.chain, sealed, txHashes);
        this.#waiting.set(height, { ...sealed, txHashes, tree });
      }
    } catch (thrown) {
      this.#ignore(thrown, "decide");
      return;
    }
    this.#advance();
  }

  /** Accepts what continues the chain; asks for what is missing. */
  #advance(): void {
    const { bodies, log, sink } = this.#deps;
    while (sink.accepts) {
      const next = this.#waiting.get(this.#accepted.height + 1);
      if (next === undefined) break;
      const transactions = next.txHashes.map((hash) => bodies.get(hash));
      if (transactions.includes(undefined)) break;
      try {
        checkSet(next.header, this.#deps.sets.latest);
        checkParent(this.#deps.chain, next, this.#accepted);
        this.#accept({ ...next, transactions: transactions as Uint8Array[] });
      } catch (thrown) {
        // Two sealed histories: more than a third of the validators signed twice.
        log.error({ height: next.header.height, err: thrown }, "a sealed block does not fit");
        this.#waiting.delete(next.header.height);
        return;
      }
    }
    if (this.#isBehind && sink.accepts) this.#fetchAfter(BODY_GRACE_MS);
  }

  /** @throws Fault when the block is not the next one of this chain */
  #takeBlock(encoded: Uint8Array): void {
    const { chain, sink } = this.#deps;
    const { header, encodedHeader, seal, transactions } = decodeBlock(encoded);
    if (header.height <= this.#accepted.height || !sink.accepts) return;
    const set = this.#deps.sets.sealing({ header }, transactions);
    const sealed = checkSeal(chain, set, encodedHeader, seal);
    this.#target = Math.max(this.#target, header.height);
    checkParent(chain, sealed, this.#accepted);
    const txHashes = transactions.map((tx) => leafHash(chain.suite.hash, tx));
    const tree = checkHashes(chain, sealed, txHashes);
    this.#accept({ ...sealed, transactions, txHashes, tree });
  }

  /** @throws Fault BLOCK_INVALID when the set it hands over to is not the one its transactions make */
  #accept(block: Omit<CheckedBlock, "executed">): void {
    const { bodies, sets, sink } = this.#deps;
    const executed = sets.accept(block, block.transactions);
    const { header, hash } = block;
    this.#accepted = { height: header.height, hash, header };
    this.#waiting.delete(block.header.height);
    for (const hash of block.txHashes) bodies.delete(hash);
    this.#poll(POLL_MS);
    sink.push({ ...block, executed });
  }

  #fetchAfter(graceMs: number): void {
    if (this.#cancelFetch !== undefined) return;
    const backoffMs =
      this.#fruitless === 0 ? 0 : Math.min(MAX_RETRY_MS, RETRY_MS * 2 ** (this.#fruitless - 1));
    this.#cancelFetch = this.#deps.clock.after(Math.max(graceMs, backoffMs), () => {
      this.#cancelFetch = undefined;
      // Meanwhile the blocks may have come by themselves; then there is nothing to ask.
      if (this.#deps.sink.accepts) this.#sync?.ask(this.#accepted.height + 1);
    });
  }

  #poll(afterMs: number): void {
    this.#cancelPoll();
    this.#cancelPoll = this.#deps.clock.after(afterMs, () => {
      if (this.#sync?.isBusy === false && this.#deps.sink.accepts) {
        this.#sync.ask(this.#accepted.height + 1);
      }
      this.#poll(POLL_MS);
    });
  }

  #ignore(thrown: unknown, what: string): void {
    if (!(thrown instanceof Fault)) throw thrown;
    this.#deps.log.debug({ code: thrown.code, detail: thrown.message }, `ignored a bad ${what}`);
  }
}
