import type { Signer, Suite } from "../crypto/suite.ts";
import { Fault } from "../faults.ts";
import { isKeyPage, type KeySource, keyPageOf, pageSigner } from "./held-key.ts";
import type { KeyPage } from "./key-page.ts";
import {
  formatKeyTurns,
  type KeyTurnEntry,
  pageFileOf,
  rotationFileOf,
  turnsFileOf,
} from "./key-turns.ts";
import { createSealedKey, isUnderRandom } from "./sealed-key.ts";
import { type KeyPlaces, readUnlock } from "./unlock.ts";

/** What keeping the files of a turn takes from the process around it. */
export interface TurnPlaces extends KeyPlaces {
  readonly isThere: (path: string) => boolean;
  /** All of it, on the disk when this returns, or nothing. @throws Fault KEY_PAGE_EXISTS */
  readonly writeNew: (path: string, bytes: Uint8Array) => void;
  /** The old one or the new one, on the disk when this returns. */
  readonly replace: (path: string, content: string | Uint8Array) => void;
  readonly remove: (path: string) => void;
}

/**
 * The files of an identity's keys as they turn: the next page first, then the signed rotation, then the
 * heights; each is on the disk before the next, so that a cut anywhere leaves keys that sign and a
 * rotation that goes on.
 */
export class TurnFiles {
  readonly #places: TurnPlaces;
  readonly #source: KeySource;

  /** @param source the first page */
  constructor(places: TurnPlaces, source: KeySource) {
    this.#places = places;
    this.#source = source;
  }

  /** Undefined for a key in the clear, or beside which no later page has a place. */
  page(epoch: number): KeyPage | undefined {
    const path = pageFileOf(this.#source.path, epoch);
    if (turnsFileOf(this.#source.path) === this.#source.path) return undefined;
    const bytes = this.#places.readPrivate(path);
    return isKeyPage(bytes) ? keyPageOf(bytes, path) : undefined;
  }

  /** The rotation that is on its way, signed. */
  waiting(): Uint8Array | undefined {
    const path = rotationFileOf(this.#source.path);
    return this.#places.isThere(path) ? this.#places.readPrivate(path) : undefined;
  }

  /**
   * The key of the page after this one, made unless it is there: a turn that was cut off goes on with it.
   *
   * @throws Fault KEY_LOCKED, KEY_PAGE_EXISTS, PASSPHRASE_WRONG
   */
  next(suite: Suite, before: KeyPage, epoch: number, validForMs: number, nowMs: number): Signer {
    const { readPrivate, isThere, writeNew } = this.#places;
    const path = pageFileOf(this.#source.path, epoch);
    const secret = this.#secret();
    if (isThere(path)) {
      const bytes = readPrivate(path);
      const { scheme } = keyPageOf(bytes, path);
      if (scheme === before.scheme) return pageSigner(secret, bytes, path);
      throw new Fault("KEY_PAGE_EXISTS", `${path} is for ${scheme}: remove it or rotate to that`);
    }
    const { module, owner } = before;
    const period = { validFromMs: nowMs, validUntilMs: nowMs + validForMs };
    const unlock = { secret, isRandom: isUnderRandom(before) };
    const { page, signer } = createSealedKey(suite, unlock, { module, owner, epoch, ...period });
    writeNew(path, page);
    return signer;
  }

  /** @param turns of all later pages, that of the rotation too */
  announce(rotation: Uint8Array, turns: readonly KeyTurnEntry[]): void {
    this.#places.replace(rotationFileOf(this.#source.path), rotation);
    this.#places.replace(turnsFileOf(this.#source.path), formatKeyTurns(turns));
  }

  /** Nothing is on its way any more. */
  settle(): void {
    this.#places.remove(rotationFileOf(this.#source.path));
  }

  #secret(): Uint8Array {
    const { path, unlock } = this.#source;
    if (unlock === undefined) throw new Fault("KEY_LOCKED", `nothing opens ${path}`);
    return readUnlock(unlock, this.#places);
  }
}
