import { asFault, type Fault } from "@gridledger/protocol/faults";
import type { KeyRing, RingKey } from "@gridledger/protocol/keys/key-ring";
import type { Chain } from "@gridledger/protocol/ledger/genesis";
import { decodeTransaction, signTransaction } from "@gridledger/protocol/ledger/transaction";
import type { Log } from "../log.ts";

/** An idle chain makes no blocks: far enough to survive a busy hour, near enough to end. */
const VALID_BLOCKS = 512;
const WAIT_MS = 8_000;

/** What waits to be anchored, in order. */
export interface OpenAnchor {
  /** Counted from 1. */
  readonly batch: number;
  readonly payload: Uint8Array;
  /** As signed; null before it was sent first. */
  readonly tx: Uint8Array | null;
}

/** Anchors of a chain of them, by its name: the next is open when the one before is final. */
interface AnchorQueue {
  firstOpen(name: string): Promise<OpenAnchor | undefined>;
  setSent(name: string, batch: number, tx: Uint8Array): Promise<void>;
  setFinal(name: string, batch: number, height: number, blockMs: number): Promise<void>;
}

interface AnchorChain {
  readonly name: string;
  /** Of the transactions, `protocol/ledger/kinds`. */
  readonly kind: number;
}

interface Submitted {
  readonly state: "final" | "spooled";
  readonly height: number | null;
}

export interface AnchorerDeps {
  readonly chain: Chain;
  readonly keys: KeyRing;
  readonly batches: AnchorQueue;
  readonly log: Log;
  readonly headHeight: () => number;
  readonly submit: (encoded: Uint8Array, waitMs: number) => Promise<Submitted>;
  readonly finalHeight: (hash: Uint8Array) => Promise<number | undefined>;
  readonly blockTimeMs: (height: number) => Promise<number | undefined>;
}

/** Brings the batches of one name onto the chain, one after the other, and sees that they become final. */
export class Anchorer {
  readonly #deps: AnchorerDeps;
  readonly #chain: AnchorChain;
  #running: Promise<void> | undefined;
  #isStopped = false;
  /** Of the key that signed last; unknown after a restart. */
  #signedEpoch: number | undefined;

  constructor(deps: AnchorerDeps, chain: AnchorChain) {
    this.#deps = deps;
    this.#chain = chain;
  }

  /** Goes on where it was; what does not become final now is tried again at the next call. */
  poke(): Promise<void> {
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#running;
  }

  async #run(): Promise<void> {
    const { batches, log } = this.#deps;
    try {
      while (!this.#isStopped) {
        const open = await batches.firstOpen(this.#chain.name);
        if (open === undefined || !(await this.#anchor(open))) return;
      }
    } catch (thrown) {
      const { code } = asFault(thrown);
      log.warn({ name: this.#chain.name, code }, "a batch is not anchored yet");
    }
  }

  /** True when the batch is final. */
  async #anchor({ batch, payload, tx }: OpenAnchor): Promise<boolean> {
    const { chain, batches, submit, finalHeight, headHeight } = this.#deps;
    const sent = tx === null ? undefined : decodeTransaction(chain.suite, tx);
    const before = sent && (await finalHeight(sent.hash));
    if (before !== undefined) return this.#final(batch, before);
    // One that can still become final is never signed anew: two would be two anchors of one batch.
    const isAlive = sent !== undefined && sent.validUntilHeight > headHeight();
    const encoded = isAlive ? sent.encoded : this.#sign(payload);
    if (!isAlive) await batches.setSent(this.#chain.name, batch, encoded);
    const { height } = await submit(encoded, WAIT_MS).catch((thrown: unknown) => {
      return this.#again(batch, payload, asFault(thrown));
    });
    return height === null ? false : this.#final(batch, height);
  }

  async #final(batch: number, height: number): Promise<boolean> {
    const timeMs = await this.#deps.blockTimeMs(height);
    if (timeMs === undefined) return false;
    await this.#deps.batches.setFinal(this.#chain.name, batch, height, timeMs);
    return true;
  }

  /** With the other key, where the one that signed counts no more: no block can hold what it signed. */
  async #again(batch: number, payload: Uint8Array, refusal: Fault): Promise<Submitted> {
    const { batches, submit } = this.#deps;
    if (refusal.code !== "KEY_EPOCH") throw refusal;
    const { epoch } = this.#key;
    if (epoch === this.#signedEpoch) {
      this.#deps.keys.refuse(epoch);
      if (this.#key.epoch === epoch) throw refusal;
    }
    const encoded = this.#sign(payload);
    await batches.setSent(this.#chain.name, batch, encoded);
    return submit(encoded, WAIT_MS);
  }

  get #key(): RingKey {
    const { keys, headHeight } = this.#deps;
    return keys.at(headHeight() + 1);
  }

  #sign(payload: Uint8Array): Uint8Array {
    const { chain, keys, headHeight } = this.#deps;
    const { suite, signer, epoch } = this.#key;
    this.#signedEpoch = epoch;
    const body = {
      kind: this.#chain.kind,
      validUntilHeight: headHeight() + VALID_BLOCKS,
      nonce: new Uint8Array(),
      payload,
    };
    return signTransaction(suite, signer("records"), chain.chainId, body, keys.id);
  }
}
