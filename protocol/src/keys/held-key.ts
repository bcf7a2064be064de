import { createPrivateKey } from "node:crypto";
import type { Signer, Suite } from "../crypto/suite.ts";
import { asFault, Fault } from "../faults.ts";
import { decodeKeyPage, type KeyPage } from "./key-page.ts";
import type { KeyUses } from "./key-uses.ts";
import { openSealedKey } from "./sealed-key.ts";
import { type KeyPlaces, readUnlock, type UnlockSource } from "./unlock.ts";

/** An array of 10: how a key page begins. PEM begins with a hyphen. */
const PAGE_BEGIN = 0x8a;

/** Where a process's key lies: a key page, or PKCS#8 as PEM. */
export interface KeySource {
  readonly path: string;
  /** Needed for a page. */
  readonly unlock?: UnlockSource | undefined;
}

interface HeldKeyDeps extends KeyPlaces {
  readonly uses: Pick<KeyUses, "record">;
}

/** A key in use. Modules get handles of it that sign and count; none shows the key (guide §4.1.2 c). */
export class HeldKey {
  readonly #signer: Signer;
  readonly #module: string;
  readonly #uses: Pick<KeyUses, "record">;

  /** @param module who uses it, as the page names it */
  constructor(signer: Signer, module: string, uses: Pick<KeyUses, "record">) {
    this.#signer = signer;
    this.#module = module;
    this.#uses = uses;
  }

  get publicKey(): Uint8Array {
    return this.#signer.publicKey;
  }

  /** @param purpose what is signed with it, e.g. `connect`: stands in the list of uses */
  signer(purpose: string): Signer {
    const sign = (message: Uint8Array) => {
      this.#uses.record(this.#module, purpose);
      return this.#signer.sign(message);
    };
    return { publicKey: this.publicKey, sign };
  }
}

/**
 * @param module who uses it where the key is PEM and does not say
 * @throws Fault FILE_UNREADABLE, KEY_INVALID, KEY_LOCKED, KEY_PAGE_INVALID, PASSPHRASE_WRONG
 */
export function holdKey(
  deps: HeldKeyDeps,
  suite: Suite,
  { path, unlock }: KeySource,
  module: string,
): HeldKey {
  const bytes = deps.readPrivate(path);
  if (!isKeyPage(bytes)) return new HeldKey(suite.signer(pkcs8Of(bytes, path)), module, deps.uses);
  const page = keyPageOf(bytes, path);
  if (page.scheme !== `${suite.name}-sign`) {
    throw new Fault("KEY_INVALID", `${path} is for ${page.scheme}; the chain uses ${suite.name}`);
  }
  if (unlock === undefined) {
    throw new Fault("KEY_LOCKED", `${path} is sealed and the configuration has no "unlock"`);
  }
  const secret = readUnlock(unlock, deps);
  return new HeldKey(pageSigner(secret, bytes, path), page.module, deps.uses);
}

export function isKeyPage(bytes: Uint8Array): boolean {
  return bytes[0] === PAGE_BEGIN;
}

/** A page of a file. @throws Fault KEY_PAGE_INVALID naming the file */
export function keyPageOf(bytes: Uint8Array, path: string): KeyPage {
  try {
    return decodeKeyPage(bytes);
  } catch (cause) {
    const { code, message } = asFault(cause);
    throw new Fault("KEY_PAGE_INVALID", `${path} is damaged: ${code}: ${message}`, { cause });
  }
}

/** @throws Fault PASSPHRASE_WRONG, KEY_LOCKED, KEY_PAGE_INVALID naming the file */
export function pageSigner(secret: Uint8Array, bytes: Uint8Array, path: string): Signer {
  keyPageOf(bytes, path);
  try {
    return openSealedKey({ secret, isRandom: true }, bytes);
  } catch (thrown) {
    const { code, message } = asFault(thrown);
    const isOurs = code === "PASSPHRASE_WRONG" || code === "KEY_LOCKED" || code === "KEY_INVALID";
    throw new Fault(isOurs ? code : "KEY_PAGE_INVALID", `${path}: ${message}`, { cause: thrown });
  }
}

/** PKCS#8 as PEM, made DER. @throws Fault KEY_INVALID */
export function pkcs8Of(bytes: Uint8Array, path: string): Uint8Array {
  try {
    const pem = Buffer.from(bytes).toString("latin1");
    return createPrivateKey(pem).export({ format: "der", type: "pkcs8" });
  } catch (cause) {
    throw new Fault("KEY_INVALID", `${path} is neither a key page nor a PKCS#8 PEM`, { cause });
  }
}
