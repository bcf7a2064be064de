import { identityId } from "../crypto/identity-id.ts";
import type { Suite } from "../crypto/suite.ts";
import { suiteByName } from "../crypto/suites.ts";
import { asFault } from "../faults.ts";
import { type HeldKey, isKeyPage, type KeySource, keyPageOf } from "./held-key.ts";
import { KeyRing, type RingKey } from "./key-ring.ts";
import { pageFileOf, parseKeyTurns, turnsFileOf } from "./key-turns.ts";

const SIGN = /-sign$/;

/** What opening keys takes from the process around it. */
export interface KeyRingPlaces {
  readonly readPrivate: (path: string) => Uint8Array;
  /** A file that everybody may read, and when it changed; undefined where there is none. */
  readonly readTurns: (
    path: string,
  ) => { readonly text: string; readonly changedMs: number } | undefined;
  readonly hold: (suite: Suite, source: KeySource) => HeldKey;
  readonly log?: Log;
}

interface Log {
  info(data: object, message: string): void;
  warn(data: object, message: string): void;
}

/**
 * The keys of an identity as they lie beside each other: the first page, `<name>.<epoch>.page` for each
 * rotation, and `<name>.turns.json` with their heights. What comes while the process runs is opened
 * without a restart; what cannot be opened leaves those that could.
 */
export class KeyRingPages {
  readonly ring: KeyRing;
  readonly #places: KeyRingPlaces;
  readonly #source: KeySource;
  readonly #first: RingKey;
  readonly #open = new Map<number, Omit<RingKey, "fromHeight">>();
  #seenMs = 0;

  /**
   * @param suite the channel's
   * @throws Fault of the first key: CONFIG_INVALID, KEY_INVALID, KEY_LOCKED, KEY_PAGE_INVALID, PASSPHRASE_WRONG
   */
  constructor(places: KeyRingPlaces, suite: Suite, source: KeySource) {
    this.#places = places;
    this.#source = source;
    const first = this.#openPage(source.path, suite);
    this.#first = { ...first, epoch: 1, fromHeight: 0 };
    const { publicKey } = this.#first.signer("identity");
    this.ring = new KeyRing(identityId(suite.hash, publicKey), [this.#first]);
    this.look();
  }

  /** Opens what has come since the last look. */
  look(): void {
    const file = turnsFileOf(this.#source.path);
    if (file === this.#source.path) return;
    const { readTurns, log } = this.#places;
    try {
      const found = readTurns(file);
      if (found === undefined || found.changedMs === this.#seenMs) return;
      const turns = parseKeyTurns(found.text);
      const keys = turns.map(({ epoch, fromHeight }) => ({ ...this.#page(epoch), fromHeight }));
      this.ring.learn([this.#first, ...keys]);
      this.#seenMs = found.changedMs;
      log?.info({ turns }, "the key turns at a height");
    } catch (thrown) {
      const { code, message } = asFault(thrown, "KEY_PAGE_INVALID");
      log?.warn({ code, file }, `the next key cannot be opened: ${message}`);
    }
  }

  #page(epoch: number): Omit<RingKey, "fromHeight"> {
    const known = this.#open.get(epoch);
    if (known !== undefined) return known;
    const opened = { ...this.#openPage(pageFileOf(this.#source.path, epoch)), epoch };
    this.#open.set(epoch, opened);
    return opened;
  }

  /** A page says its suite itself; PEM is of the channel's. */
  #openPage(path: string, channel?: Suite): Omit<RingKey, "epoch" | "fromHeight"> {
    const bytes = this.#places.readPrivate(path);
    const suite =
      channel !== undefined && !isKeyPage(bytes)
        ? channel
        : suiteByName(keyPageOf(bytes, path).scheme.replace(SIGN, ""));
    const held = this.#places.hold(suite, { ...this.#source, path });
    return { suite, signer: (purpose) => held.signer(purpose) };
  }
}
