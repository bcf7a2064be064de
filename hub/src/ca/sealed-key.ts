import type { Signer, Suite } from "@gridledger/protocol/crypto/suite";
import {
  decodeKeyPage,
  encodeKeyPage,
  type KeyPageInfo,
  keyPageBinding,
} from "@gridledger/protocol/keys/key-page";
import { DEFAULT_PASSPHRASE_COST } from "@gridledger/protocol/keys/passphrase";
import { SoftwareToken } from "@gridledger/protocol/keys/software-token";

/** What a key is sealed under. */
export interface Unlock {
  readonly secret: Uint8Array;
  /** True for 256 random bits of a file: nobody can guess them, so a guess need not cost anything. */
  readonly isRandom: boolean;
}

const RANDOM_COST = { memoryKib: 8, passes: 1, lanes: 1 };

function tokenOf({ secret, isRandom }: Unlock): SoftwareToken {
  const token = new SoftwareToken(isRandom ? RANDOM_COST : DEFAULT_PASSPHRASE_COST);
  token.login(secret);
  return token;
}

/** Who answers for the key, and how long (guide §4.1.2 b). */
type Ownership = Pick<KeyPageInfo, "module" | "owner" | "validFromMs" | "validUntilMs">;

/** A new authority's key: its page as it lies at rest, and the signer for now. */
export function createSealedKey(
  suite: Suite,
  unlock: Unlock,
  ownership: Ownership,
): { readonly page: Uint8Array; readonly signer: Signer } {
  const token = tokenOf(unlock);
  const scheme = `${suite.name}-sign`;
  const key = token.generateKey(scheme);
  const { publicKey } = key;
  const info = { ...ownership, scheme, epoch: 1, token: token.kind, publicKey };
  const wrapped = token.wrapKey(key, keyPageBinding(info));
  const signer = { publicKey, sign: (message: Uint8Array) => token.sign(key, message) };
  return { page: encodeKeyPage({ ...info, wrapped }), signer };
}

/** @throws Fault PASSPHRASE_WRONG, KEY_PAGE_INVALID, CBOR_* */
export function openSealedKey(unlock: Unlock, encoded: Uint8Array): Signer {
  const page = decodeKeyPage(encoded);
  const token = tokenOf(unlock);
  const key = token.unwrapKey(page.scheme, page.wrapped, keyPageBinding(page));
  return { publicKey: key.publicKey, sign: (message) => token.sign(key, message) };
}
