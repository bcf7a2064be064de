import type { Opener, Signer } from "../crypto/suite.ts";
import { Fault } from "../faults.ts";
import { formatHex } from "../hex.ts";
import {
  decodeKeyPage,
  encodeKeyPage,
  formatKeyPageId,
  type KeyPage,
  type KeyPageId,
  type KeyPageInfo,
  keyPageBinding,
  validateKeyPageInfo,
} from "./key-page.ts";
import { keySchemeByName } from "./key-scheme.ts";
import type { KeyToken, TokenKey } from "./key-token.ts";

/** Where encoded pages are kept. */
export interface KeyPageStore {
  loadAll(): Promise<readonly Uint8Array[]>;
  /** Writes durably and all at once; a name that is there already is refused, never overwritten. */
  save(name: string, encoded: Uint8Array): Promise<void>;
}

/** One use of a key (guide §4.1.2 c). */
export interface KeyUse extends KeyPageId {
  readonly operation: "sign" | "open";
  readonly atMs: number;
  /** True outside the key's period: it still works, so that no chain stops, but it is seen. */
  readonly isOutsidePeriod: boolean;
}

export interface KeyBookDeps {
  readonly store: KeyPageStore;
  readonly token: KeyToken;
  /** Called before each use; when it throws, the key is not used. */
  readonly recordUse: (use: KeyUse) => void;
  readonly now: () => number;
}

/** Who the next key is for, who answers for it, and how long. */
export interface KeyRequest extends Omit<KeyPageId, "epoch"> {
  readonly owner: string;
  readonly validFromMs: number;
  readonly validUntilMs: number;
}

function order(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function withoutKey({ wrapped: _wrapped, ...info }: KeyPage): KeyPageInfo {
  return info;
}

/**
 * The key pages of one process: (module, scheme, epoch) ↔ key, one to one (guide §4.1.2). Modules get
 * handles; a page is never changed or removed, so every old signature stays verifiable and every old
 * sealed text openable.
 */
export class KeyBook {
  readonly #deps: KeyBookDeps;
  readonly #pages = new Map<string, KeyPage>();
  /** Names and public keys that are taken, those of pages being saved too. */
  readonly #taken = new Set<string>();
  readonly #tokenKeys = new Map<string, TokenKey>();

  constructor(deps: KeyBookDeps) {
    this.#deps = deps;
  }

  /** @throws Fault KEY_PAGE_EXISTS where two pages claim one name or one key, KEY_PAGE_INVALID, CBOR_* */
  async load(): Promise<void> {
    for (const encoded of await this.#deps.store.loadAll()) {
      const page = decodeKeyPage(encoded);
      this.#claim(page);
      this.#pages.set(formatKeyPageId(page), page);
    }
  }

  /** What a wrong passphrase does shows at the first use of a key. */
  unlock(passphrase: Uint8Array): void {
    this.#tokenKeys.clear();
    this.#deps.token.login(passphrase);
  }

  lock(): void {
    this.#tokenKeys.clear();
    this.#deps.token.logout();
  }

  /** All pages, without keys, ordered by name. */
  list(): KeyPageInfo[] {
    const byName = (a: KeyPageInfo, b: KeyPageInfo) =>
      order(a.module, b.module) || order(a.scheme, b.scheme) || a.epoch - b.epoch;
    return [...this.#pages.values()].map(withoutKey).sort(byName);
  }

  /** The newest page of a module and scheme; undefined where there is none. */
  current(module: string, scheme: string): KeyPageInfo | undefined {
    return this.list().findLast((page) => page.module === module && page.scheme === scheme);
  }

  /** Keys in use whose period has ended, the longest overdue first, with owner (guide §4.1.2 b). */
  overdue(nowMs: number): KeyPageInfo[] {
    return this.list()
      .filter(({ module, scheme, epoch }) => this.current(module, scheme)?.epoch === epoch)
      .filter(({ validUntilMs }) => validUntilMs <= nowMs)
      .sort((a, b) => a.validUntilMs - b.validUntilMs);
  }

  /** The first key of a module and scheme: a new one, or an existing PKCS#8. @throws Fault KEY_PAGE_EXISTS */
  async create(request: KeyRequest, pkcs8?: Uint8Array): Promise<KeyPageInfo> {
    if (this.current(request.module, request.scheme) !== undefined) {
      throw new Fault("KEY_PAGE_EXISTS");
    }
    return await this.#write(request, 1, pkcs8);
  }

  /** A new key in the next epoch. Handles of older epochs go on working. @throws Fault KEY_PAGE_UNKNOWN */
  async rotate(request: KeyRequest): Promise<KeyPageInfo> {
    const current = this.current(request.module, request.scheme);
    if (current === undefined) throw new Fault("KEY_PAGE_UNKNOWN");
    return await this.#write(request, current.epoch + 1);
  }

  /** A handle that signs; without an epoch, the newest one's. @throws Fault KEY_PAGE_UNKNOWN */
  signer(module: string, scheme: string, epoch?: number): Signer {
    const page = this.#page(module, scheme, epoch);
    if (keySchemeByName(scheme).purpose !== "sign")
      throw new Fault("KEY_INVALID", "not for signing");
    const { token } = this.#deps;
    return {
      publicKey: page.publicKey,
      sign: (message) => token.sign(this.#use(page, "sign"), message),
    };
  }

  /** A handle that opens; without an epoch, the newest one's. @throws Fault KEY_PAGE_UNKNOWN */
  opener(module: string, scheme: string, epoch?: number): Opener {
    const page = this.#page(module, scheme, epoch);
    if (keySchemeByName(scheme).purpose !== "seal")
      throw new Fault("KEY_INVALID", "not for opening");
    const { token } = this.#deps;
    return {
      publicKey: page.publicKey,
      open: (sealed, context) => token.open(this.#use(page, "open"), sealed, context),
    };
  }

  /** Any epoch's signatures verify for ever, locked or not. @throws Fault KEY_PAGE_UNKNOWN */
  verify(
    { module, scheme, epoch }: KeyPageId,
    message: Uint8Array,
    signature: Uint8Array,
  ): boolean {
    const page = this.#page(module, scheme, epoch);
    const known = keySchemeByName(scheme);
    return known.purpose === "sign" && known.verify(page.publicKey, message, signature);
  }

  async #write(request: KeyRequest, epoch: number, pkcs8?: Uint8Array): Promise<KeyPageInfo> {
    const { token, store } = this.#deps;
    const { module, scheme, owner, validFromMs, validUntilMs } = request;
    const named = { module, scheme, epoch, owner, validFromMs, validUntilMs, token: token.kind };
    validateKeyPageInfo({ ...named, publicKey: new Uint8Array() });
    const key = pkcs8 === undefined ? token.generateKey(scheme) : token.importKey(scheme, pkcs8);
    const info: KeyPageInfo = { ...named, publicKey: key.publicKey };
    const page = { ...info, wrapped: token.wrapKey(key, keyPageBinding(info)) };
    this.#claim(page);
    try {
      await store.save(formatKeyPageId(page), encodeKeyPage(page));
    } catch (thrown) {
      this.#release(page);
      throw thrown;
    }
    this.#pages.set(formatKeyPageId(page), page);
    this.#tokenKeys.set(formatKeyPageId(page), key);
    return info;
  }

  /** One page, one key: neither name nor key is given twice (guide §4.1.2 a). */
  #claim(page: KeyPage): void {
    const claims = [formatKeyPageId(page), formatHex(page.publicKey)];
    if (claims.some((claim) => this.#taken.has(claim))) {
      throw new Fault("KEY_PAGE_EXISTS", `${claims[0]}: the page or its key is there already`);
    }
    for (const claim of claims) this.#taken.add(claim);
  }

  #release(page: KeyPage): void {
    this.#taken.delete(formatKeyPageId(page));
    this.#taken.delete(formatHex(page.publicKey));
  }

  #page(module: string, scheme: string, epoch?: number): KeyPage {
    const wanted = epoch ?? this.current(module, scheme)?.epoch ?? 1;
    const name = formatKeyPageId({ module, scheme, epoch: wanted });
    const page = this.#pages.get(name);
    if (page === undefined) throw new Fault("KEY_PAGE_UNKNOWN", `there is no key page ${name}`);
    return page;
  }

  #use(page: KeyPage, operation: KeyUse["operation"]): TokenKey {
    const key = this.#tokenKey(page);
    const atMs = this.#deps.now();
    const isOutsidePeriod = atMs < page.validFromMs || atMs >= page.validUntilMs;
    const { module, scheme, epoch } = page;
    this.#deps.recordUse({ module, scheme, epoch, operation, atMs, isOutsidePeriod });
    return key;
  }

  #tokenKey(page: KeyPage): TokenKey {
    const name = formatKeyPageId(page);
    const known = this.#tokenKeys.get(name);
    if (known !== undefined) return known;
    const { token } = this.#deps;
    if (page.token !== token.kind) throw new Fault("KEY_LOCKED", `the key is in a ${page.token}`);
    const key = token.unwrapKey(page.scheme, page.wrapped, keyPageBinding(page));
    this.#tokenKeys.set(name, key);
    return key;
  }
}
