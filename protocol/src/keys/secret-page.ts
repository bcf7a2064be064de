import { randomBytes } from "node:crypto";
import { aes256Gcm } from "../crypto/ciphers.ts";
import { Fault } from "../faults.ts";
import { decodeKeyPage, encodeKeyPage, type KeyPageInfo, keyPageBinding } from "./key-page.ts";
import { deriveFromPassphrase } from "./passphrase.ts";
import { decodeWrappedKey, SALT_BYTES, wrapKey } from "./wrapped-key.ts";

/** A page that holds a secret to derive others from, no key pair. */
const SCHEME = "derive-secret";
const SECRET_BYTES = 32;
/** What unlocks a home's pages is random: a guess need not cost anything. */
const COST = { memoryKib: 8, passes: 1, lanes: 1 };

/** A new random secret as a page at rest, sealed as key pages are (ADR 021). */
export function createSecretPage(
  unlock: Uint8Array,
  ownership: Pick<KeyPageInfo, "module" | "owner" | "validFromMs" | "validUntilMs">,
): Uint8Array {
  const kind = { scheme: SCHEME, epoch: 1, token: "software", publicKey: new Uint8Array() };
  const info = { ...ownership, ...kind };
  const salt = randomBytes(SALT_BYTES);
  const secret = randomBytes(SECRET_BYTES);
  const wrappingKey = deriveFromPassphrase(unlock, salt, COST);
  const wrapped = wrapKey(wrappingKey, { cost: COST, salt }, secret, keyPageBinding(info));
  return encodeKeyPage({ ...info, wrapped });
}

/** The secret's 32 bytes. @throws Fault KEY_PAGE_INVALID, PASSPHRASE_WRONG, CBOR_* */
export function openSecretPage(unlock: Uint8Array, encoded: Uint8Array): Uint8Array {
  const page = decodeKeyPage(encoded);
  if (page.scheme !== SCHEME) throw new Fault("KEY_PAGE_INVALID", `a page for ${page.scheme}`);
  const { cost, salt, nonce, sealed } = decodeWrappedKey(page.wrapped);
  const wrappingKey = deriveFromPassphrase(unlock, salt, cost);
  try {
    return aes256Gcm.decrypt(wrappingKey, nonce, sealed, keyPageBinding(page));
  } catch (cause) {
    throw new Fault("PASSPHRASE_WRONG", "", { cause });
  }
}
