import type { Signer, Suite } from "../crypto/suite.ts";
import { Fault } from "../faults.ts";
import {
  decodeKeyPage,
  encodeKeyPage,
  type KeyPage,
  type KeyPageInfo,
  keyPageBinding,
  validateKeyPageInfo,
} from "./key-page.ts";
import type { KeyToken } from "./key-token.ts";
import { DEFAULT_PASSPHRASE_COST } from "./passphrase.ts";
import { SoftwareToken } from "./software-token.ts";
import { decodeWrappedKey } from "./wrapped-key.ts";

/** What a key is sealed under. */
export interface Unlock {
  readonly secret: Uint8Array;
  /** True for 256 random bits of a file: nobody can guess them, so a guess need not cost anything. */
  readonly isRandom: boolean;
}

const RANDOM_COST = { memoryKib: 8, passes: 1, lanes: 1 };

/** What opens a page says itself what a guess costs; `isRandom` counts for new pages. */
function tokenOf({ secret, isRandom }: Unlock): SoftwareToken {
  const token = new SoftwareToken(isRandom ? RANDOM_COST : DEFAULT_PASSPHRASE_COST);
  token.login(secret);
  return token;
}

/** Whether a page was sealed under random bits; its next one is sealed alike. */
export function isUnderRandom({ wrapped }: Pick<KeyPage, "wrapped">): boolean {
  return decodeWrappedKey(wrapped).cost.memoryKib <= RANDOM_COST.memoryKib;
}

/** Who answers for the key, and how long (guide §4.1.2 b). */
export type Ownership = Pick<KeyPageInfo, "module" | "owner" | "validFromMs" | "validUntilMs"> &
  Partial<Pick<KeyPageInfo, "epoch">>;

/**
 * A new key's page as it lies at rest, and the signer for now; of the first epoch where no other is said.
 * @param pkcs8 an existing key; without it
 * one is made
 *
 * @throws Fault KEY_INVALID, KEY_PAGE_INVALID
 */
export function createSealedKey(
  suite: Suite,
  unlock: Unlock,
  ownership: Ownership,
  pkcs8?: Uint8Array,
): { readonly page: Uint8Array; readonly signer: Signer } {
  const token = tokenOf(unlock);
  const scheme = `${suite.name}-sign`;
  const named = { epoch: 1, ...ownership, scheme, token: token.kind };
  validateKeyPageInfo({ ...named, publicKey: new Uint8Array() });
  const key = pkcs8 === undefined ? token.generateKey(scheme) : token.importKey(scheme, pkcs8);
  const { publicKey } = key;
  const info = { ...named, publicKey };
  const wrapped = token.wrapKey(key, keyPageBinding(info));
  const signer = { publicKey, sign: (message: Uint8Array) => token.sign(key, message) };
  return { page: encodeKeyPage({ ...info, wrapped }), signer };
}

/** @throws Fault PASSPHRASE_WRONG, KEY_PAGE_INVALID, CBOR_* */
export function openSealedKey(unlock: Unlock, encoded: Uint8Array): Signer {
  return openKeyPage(tokenOf(unlock), encoded);
}

/**
 * A handle on the page's key inside an unlocked token, software or hardware.
 *
 * @throws Fault PASSPHRASE_WRONG, KEY_LOCKED where another token holds it, KEY_PAGE_INVALID, CBOR_*
 */
export function openKeyPage(token: KeyToken, encoded: Uint8Array): Signer {
  const page = decodeKeyPage(encoded);
  if (page.token !== token.kind) throw new Fault("KEY_LOCKED", `the key is in a ${page.token}`);
  const key = token.unwrapKey(page.scheme, page.wrapped, keyPageBinding(page));
  return { publicKey: key.publicKey, sign: (message) => token.sign(key, message) };
}
