import { existsSync, readFileSync, statSync } from "node:fs";
import { identityId } from "@gridledger/protocol/crypto/identity-id";
import type { Suite } from "@gridledger/protocol/crypto/suite";
import { suiteByName } from "@gridledger/protocol/crypto/suites";
import { asFault } from "@gridledger/protocol/faults";
import { isKeyPage, type KeySource, keyPageOf } from "@gridledger/protocol/keys/held-key";
import { KeyRing, type RingKey } from "@gridledger/protocol/keys/key-ring";
import { pageFileOf, parseKeyTurns, turnsFileOf } from "@gridledger/protocol/keys/key-turns";
import { type HoldKey, readPrivate } from "./key-files.ts";

const LOOK_MS = 2_000;
const SIGN = /-sign$/;

interface Log {
  info(data: object, message: string): void;
  warn(data: object, message: string): void;
}

/**
 * The keys of an identity as they lie beside each other: the first page, `<name>.<epoch>.page` for each
 * rotation, and `<name>.turns.json` with their heights. What comes while the process runs is opened
 * without a restart; what cannot be opened leaves those that could.
 */
export class KeyRingFiles {
  readonly ring: KeyRing;
  readonly #hold: HoldKey;
  readonly #source: KeySource;
  readonly #log: Log;
  readonly #first: RingKey;
  readonly #open = new Map<number, Omit<RingKey, "fromHeight">>();
  #seenMs = 0;
  #timer: NodeJS.Timeout | undefined;

  /**
   * @param suite the channel's
   * @throws Fault of the first key: CONFIG_INVALID, KEY_INVALID, KEY_LOCKED, KEY_PAGE_INVALID, PASSPHRASE_WRONG
   */
  constructor(suite: Suite, hold: HoldKey, source: KeySource, log: Log) {
    this.#hold = hold;
    this.#source = source;
    this.#log = log;
    const first = this.#openPage(source.path, suite);
    this.#first = { ...first, epoch: 1, fromHeight: 0 };
    const { publicKey } = this.#first.signer("identity");
    this.ring = new KeyRing(identityId(suite.hash, publicKey), [this.#first]);
    this.look();
  }

  start(): void {
    this.#timer = setInterval(() => this.look(), LOOK_MS);
    this.#timer.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** Opens what has come since the last look. */
  look(): void {
    const file = turnsFileOf(this.#source.path);
    if (file === this.#source.path || !existsSync(file)) return;
    try {
      const { mtimeMs } = statSync(file);
      if (mtimeMs === this.#seenMs) return;
      const keys = parseKeyTurns(readFileSync(file, "utf8")).map(({ epoch, fromHeight }) => ({
        ...this.#page(epoch),
        fromHeight,
      }));
      this.ring.learn([this.#first, ...keys]);
      this.#seenMs = mtimeMs;
      this.#log.info({ turns: keys.map(({ epoch, fromHeight }) => [epoch, fromHeight]) }, "keys");
    } catch (thrown) {
      const { code, message } = asFault(thrown, "KEY_PAGE_INVALID");
      this.#log.warn({ code, file }, `the next key cannot be opened: ${message}`);
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
    const bytes = readPrivate(path);
    const suite =
      channel !== undefined && !isKeyPage(bytes)
        ? channel
        : suiteByName(keyPageOf(bytes, path).scheme.replace(SIGN, ""));
    const held = this.#hold(suite, { ...this.#source, path });
    return { suite, signer: (purpose) => held.signer(purpose) };
  }
}
