import { randomBytes } from "node:crypto";
import { aes256Gcm } from "../crypto/ciphers.ts";
import type { Opener, Signer } from "../crypto/suite.ts";
import { Fault } from "../faults.ts";
import { formatHex } from "../hex.ts";
import { keySchemeByName } from "./key-scheme.ts";
import type { KeyToken, TokenKey } from "./key-token.ts";
import {
  DEFAULT_PASSPHRASE_COST,
  deriveFromPassphrase,
  type PassphraseCost,
} from "./passphrase.ts";
import { decodeWrappedKey, SALT_BYTES, type WrappedKey, wrapKey } from "./wrapped-key.ts";

type Worker = Signer | Opener;

interface TokenObject {
  readonly worker: Worker;
  /** Until the key is wrapped; then only the worker still has it. */
  pkcs8: Uint8Array | undefined;
}

/**
 * Keys in this process's memory, sealed at rest under a passphrase. Everything is in private fields:
 * neither JSON nor `inspect` nor an error shows a key.
 */
export class SoftwareToken implements KeyToken {
  readonly kind = "software";
  readonly #cost: PassphraseCost;
  /** One salt for the keys this token makes, so that opening them derives once. */
  readonly #salt: Uint8Array = randomBytes(SALT_BYTES);
  readonly #wrappingKeys = new Map<string, Uint8Array>();
  readonly #objects = new Map<number, TokenObject>();
  #passphrase: Uint8Array | undefined;
  #lastHandle = 0;

  constructor(cost: PassphraseCost = DEFAULT_PASSPHRASE_COST) {
    this.#cost = cost;
  }

  login(passphrase: Uint8Array): void {
    this.logout();
    this.#passphrase = Uint8Array.from(passphrase);
  }

  logout(): void {
    for (const { pkcs8 } of this.#objects.values()) pkcs8?.fill(0);
    for (const key of this.#wrappingKeys.values()) key.fill(0);
    this.#passphrase?.fill(0);
    this.#objects.clear();
    this.#wrappingKeys.clear();
    this.#passphrase = undefined;
  }

  generateKey(scheme: string): TokenKey {
    return this.#add(scheme, keySchemeByName(scheme).generateKey());
  }

  importKey(scheme: string, pkcs8: Uint8Array): TokenKey {
    return this.#add(scheme, Uint8Array.from(pkcs8));
  }

  wrapKey(key: TokenKey, associated: Uint8Array): Uint8Array {
    const object = this.#object(key);
    if (object.pkcs8 === undefined)
      throw new Fault("KEY_PAGE_EXISTS", "the key is wrapped already");
    const under = { cost: this.#cost, salt: this.#salt };
    const wrapped = wrapKey(this.#wrappingKey(under), under, object.pkcs8, associated);
    object.pkcs8.fill(0);
    object.pkcs8 = undefined;
    return wrapped;
  }

  unwrapKey(scheme: string, wrapped: Uint8Array, associated: Uint8Array): TokenKey {
    const content = decodeWrappedKey(wrapped);
    const wrappingKey = this.#wrappingKey(content);
    let pkcs8: Uint8Array;
    try {
      pkcs8 = aes256Gcm.decrypt(wrappingKey, content.nonce, content.sealed, associated);
    } catch (cause) {
      throw new Fault("PASSPHRASE_WRONG", "", { cause });
    }
    const key = this.#add(scheme, pkcs8);
    this.#object(key).pkcs8 = undefined;
    pkcs8.fill(0);
    return key;
  }

  sign(key: TokenKey, message: Uint8Array): Uint8Array {
    const { worker } = this.#object(key);
    if (!("sign" in worker)) throw new Fault("KEY_INVALID", "this key opens, it does not sign");
    return worker.sign(message);
  }

  open(key: TokenKey, sealed: Uint8Array, context: Uint8Array): Uint8Array {
    const { worker } = this.#object(key);
    if (!("open" in worker)) throw new Fault("KEY_INVALID", "this key signs, it does not open");
    return worker.open(sealed, context);
  }

  #add(scheme: string, pkcs8: Uint8Array): TokenKey {
    if (this.#passphrase === undefined) throw new Fault("KEY_LOCKED");
    const known = keySchemeByName(scheme);
    const worker = known.purpose === "sign" ? known.signer(pkcs8) : known.opener(pkcs8);
    const handle = ++this.#lastHandle;
    this.#objects.set(handle, { worker, pkcs8 });
    return { handle, publicKey: worker.publicKey };
  }

  #object({ handle }: TokenKey): TokenObject {
    const object = this.#objects.get(handle);
    if (object === undefined) throw new Fault("KEY_LOCKED");
    return object;
  }

  #wrappingKey({ cost, salt }: Pick<WrappedKey, "cost" | "salt">): Uint8Array {
    if (this.#passphrase === undefined) throw new Fault("KEY_LOCKED");
    const name = `${formatHex(salt)}.${cost.memoryKib}.${cost.passes}.${cost.lanes}`;
    const known = this.#wrappingKeys.get(name);
    if (known !== undefined) return known;
    const key = deriveFromPassphrase(this.#passphrase, salt, cost);
    this.#wrappingKeys.set(name, key);
    return key;
  }
}
