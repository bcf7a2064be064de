import { randomBytes } from "node:crypto";
import { existsSync, readdirSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { readPrivate } from "@gridledger/edge-node/key-files";
import { writeNewPage } from "@gridledger/edge-node/turn-places";
import type { Signer, Suite } from "@gridledger/protocol/crypto/suite";
import { Fault } from "@gridledger/protocol/faults";
import { equalBytes } from "@gridledger/protocol/hex";
import { keyPageOf, pageSigner } from "@gridledger/protocol/keys/held-key";
import type { KeyPageInfo } from "@gridledger/protocol/keys/key-page";
import { pageFileOf } from "@gridledger/protocol/keys/key-turns";
import { createSealedKey } from "@gridledger/protocol/keys/sealed-key";
import { readUnlock } from "@gridledger/protocol/keys/unlock";
import { privateKeyOf, writeNewFile } from "../key-file.ts";
import type { Home } from "../network/home.ts";

const DAY_MS = 86_400_000;
/** How long a key is good where nobody says otherwise. */
export const DEFAULT_KEY_DAYS = 365;
const UNLOCK_BYTES = 32;
const CLEAR = /\.key$/;
const SEALED = /\.page$/;

/** How long a key is good, and who rotates it in time (guide §4.1.2 b). */
export interface KeyPeriod {
  readonly owner: string;
  readonly fromMs: number;
  readonly days: number;
}

/** A page of the home, without its key. */
export interface PageFile extends KeyPageInfo {
  readonly file: string;
}

/** The key pages of a home, sealed under the random secret of its file `keys/unlock`. */
export class HomeKeys {
  readonly #home: Home;

  constructor(home: Home) {
    this.#home = home;
  }

  /** A page with a new key, or an existing one. @throws Fault KEY_PAGE_EXISTS */
  create(suite: Suite, name: string, period: KeyPeriod, pkcs8?: Uint8Array): Signer {
    return this.#make(suite, { name, epoch: 1 }, period, pkcs8);
  }

  /** The page of a later epoch, made unless it is there: a rotation that was cut off goes on with it. */
  next(suite: Suite, name: string, epoch: number, period: KeyPeriod): Signer {
    const file = pageFileOf(this.#home.page(name), epoch);
    if (!existsSync(file)) return this.#make(suite, { name, epoch }, period);
    const { scheme } = keyPageOf(readPrivate(file), file);
    if (scheme === `${suite.name}-sign`) return this.open(file);
    throw new Fault("KEY_PAGE_EXISTS", `${file} is for ${scheme}; remove it or rotate to that`);
  }

  #make(
    suite: Suite,
    { name, epoch }: { readonly name: string; readonly epoch: number },
    { owner, fromMs, days }: KeyPeriod,
    pkcs8?: Uint8Array,
  ): Signer {
    const validity = { validFromMs: fromMs, validUntilMs: fromMs + days * DAY_MS };
    const unlock = { secret: this.#unlock(), isRandom: true };
    const ownership = { module: name, owner, epoch, ...validity };
    const { page, signer } = createSealedKey(suite, unlock, ownership, pkcs8);
    writeNewPage(pageFileOf(this.#home.page(name), epoch), page);
    return signer;
  }

  /** Names of keys that lie in the clear. */
  clear(): string[] {
    return this.#names(CLEAR);
  }

  /** Seals a key that lies in the clear, tries the page, then removes the clear one. */
  seal(suite: Suite, name: string, period: KeyPeriod): void {
    const file = join(this.#home.keys, `${name}.key`);
    const pkcs8 = privateKeyOf(readPrivate(file), file);
    const page = this.#home.page(name);
    // One that was cut off here has both: the page is not taken for done unless it is this key's.
    if (!existsSync(page)) this.create(suite, name, period, pkcs8);
    if (!equalBytes(this.open(page).publicKey, suite.signer(pkcs8).publicKey)) {
      throw new Fault("KEY_PAGE_EXISTS", `${page} holds another key than ${file}`);
    }
    rmSync(file);
  }

  /** Pages of the home and of its certificate authority, without keys. @throws Fault KEY_PAGE_INVALID */
  list(): PageFile[] {
    const own = this.#names(SEALED).map((name) => this.#home.page(name));
    const { ca } = this.#home;
    const authority = existsSync(ca) ? readdirSync(ca).filter((name) => SEALED.test(name)) : [];
    return [...own, ...authority.sort().map((name) => join(ca, name))].map((file) => {
      const { wrapped: _wrapped, ...info } = keyPageOf(readPrivate(file), file);
      return { ...info, file };
    });
  }

  /** The newest page of each module: those before it have been rotated from. */
  newest(): PageFile[] {
    const all = this.list();
    const isOlder = (page: PageFile) =>
      all.some(({ module, epoch }) => module === page.module && epoch > page.epoch);
    return all.filter((page) => !isOlder(page));
  }

  /** Tries whether the home's secret opens the page. @throws Fault PASSPHRASE_WRONG, KEY_LOCKED */
  open(file: string): Signer {
    const source = { file: this.#home.unlock };
    const secret = readUnlock(source, { readPrivate, environment: {} });
    return pageSigner(secret, readPrivate(file), file);
  }

  /** Made with the first page: 256 random bits as text, so that it can also stand in a variable. */
  #unlock(): Uint8Array {
    const { unlock } = this.#home;
    if (!existsSync(unlock)) {
      writeNewFile(unlock, `${randomBytes(UNLOCK_BYTES).toString("base64url")}\n`);
    }
    return readUnlock({ file: unlock }, { readPrivate, environment: {} });
  }

  #names(kind: RegExp): string[] {
    const { keys } = this.#home;
    const files = existsSync(keys) ? readdirSync(keys) : [];
    return files
      .filter((name) => kind.test(name))
      .map((name) => basename(name).replace(kind, ""))
      .sort();
  }
}
