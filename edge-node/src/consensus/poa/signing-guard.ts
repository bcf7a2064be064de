import { equalBytes } from "@gridledger/protocol/hex";
import type { SigningStep } from "../ports.ts";

/** A place in consensus at which a key signs at most one thing. */
export interface SigningPlace {
  readonly height: number;
  readonly round: number;
  readonly step: SigningStep;
}

export interface SignedPlace extends SigningPlace {
  readonly digest: Uint8Array;
  readonly signature: Uint8Array;
}

/** Negative when `a` comes before `b`: by height, then round, then step. */
export function comparePlaces(a: SigningPlace, b: SigningPlace): number {
  return a.height - b.height || a.round - b.round || a.step - b.step;
}

/**
 * Never sign backwards and never sign twice. Everything this key signs in consensus passes here; the
 * caller makes `remember` durable before the signature leaves the node.
 */
export class SigningGuard {
  #last: SignedPlace | undefined;

  get last(): SignedPlace | undefined {
    return this.#last;
  }

  /** "sign": go ahead. Bytes: the signature given here before, over the same thing. "refuse": never. */
  ask(place: SigningPlace, digest: Uint8Array): "sign" | "refuse" | Uint8Array {
    if (this.#last === undefined) return "sign";
    const order = comparePlaces(place, this.#last);
    if (order > 0) return "sign";
    if (order === 0 && equalBytes(digest, this.#last.digest)) return this.#last.signature;
    return "refuse";
  }

  /** Moves forward only: records replayed out of order cannot lower it. */
  remember(signed: SignedPlace): void {
    if (this.#last === undefined || comparePlaces(signed, this.#last) > 0) this.#last = signed;
  }
}
