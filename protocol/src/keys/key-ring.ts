import { identityId } from "../crypto/identity-id.ts";
import type { Signer, Suite } from "../crypto/suite.ts";

/** A key of an identity, in use, and the first height that it signs. */
export interface RingKey {
  readonly epoch: number;
  readonly suite: Suite;
  readonly fromHeight: number;
  /** A handle for a purpose, as `HeldKey` gives it. */
  signer(purpose: string): Signer;
}

/**
 * The keys with which a process signs for one identity, so that a rotation needs no restart
 * (guide §4.1.2 b). Which of them counts, the height says; where the chain says otherwise, because a
 * rotation never became final, the refusal does.
 */
export class KeyRing {
  /** Identity id, the hash of the first key. */
  readonly id: Uint8Array;
  #keys: readonly RingKey[];
  /** Epochs of keys that the chain took nothing of, since the heights were learnt. */
  readonly #refused = new Set<number>();

  /** @param keys at least one */
  constructor(id: Uint8Array, keys: readonly RingKey[]) {
    this.id = id;
    this.#keys = inOrder(keys);
  }

  get keys(): readonly RingKey[] {
    return this.#keys;
  }

  /** Pages have come or heights have changed. */
  learn(keys: readonly RingKey[]): void {
    if (keys.length === 0) return;
    this.#keys = inOrder(keys);
    this.#refused.clear();
  }

  /** The key for a transaction that a block of this height is to hold. */
  at(height: number): RingKey {
    const inTurn = this.#inTurn(height);
    return inTurn.find(({ epoch }) => !this.#refused.has(epoch)) ?? inTurn[0]!;
  }

  /** The key for the next attempt where no answer says why the ones before failed. */
  afterFailures(height: number, failures: number): RingKey {
    const first = this.at(height);
    const inTurn = [first, ...this.#inTurn(height).filter((key) => key !== first)];
    return inTurn[failures % inTurn.length]!;
  }

  /** The chain takes nothing of this key now: another is tried, until all are refused. */
  refuse(epoch: number): void {
    this.#refused.add(epoch);
    if (this.#refused.size < this.#keys.length) return;
    this.#refused.clear();
    if (this.#keys.length > 1) this.#refused.add(epoch);
  }

  /** The one that is due, the later ones, whose heights may be past unseen, then those before. */
  #inTurn(height: number): RingKey[] {
    const place = this.#keys.findLastIndex(({ fromHeight }) => fromHeight <= height);
    const at = Math.max(0, place);
    return [...this.#keys.slice(at), ...this.#keys.slice(0, at).reverse()];
  }
}

/** The ring of an identity that has one key. */
export function soleRing(suite: Suite, signer: Signer): KeyRing {
  const key = { epoch: 1, suite, fromHeight: 0, signer: () => signer };
  return new KeyRing(identityId(suite.hash, signer.publicKey), [key]);
}

function inOrder(keys: readonly RingKey[]): readonly RingKey[] {
  return [...keys].sort((a, b) => a.fromHeight - b.fromHeight || a.epoch - b.epoch);
}
