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
  /** Epoch of the key that was refused last. */
  #refused: number | undefined;

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
    if (keys.length > 0) this.#keys = inOrder(keys);
  }

  /** The key for a transaction that a block of this height is to hold. */
  at(height: number): RingKey {
    const due = this.#keys.findLast(({ fromHeight }) => fromHeight <= height) ?? this.#keys[0]!;
    return due.epoch === this.#refused ? this.beside(due) : due;
  }

  /** The key before, or after where there is none: the other one around a turn. */
  beside(key: RingKey): RingKey {
    const at = this.#keys.indexOf(key);
    return this.#keys[at - 1] ?? this.#keys[at + 1] ?? key;
  }

  /** The chain takes nothing of this key now: the other is tried, until that is refused. */
  refuse(epoch: number): void {
    this.#refused = epoch;
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
