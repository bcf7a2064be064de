/** A key inside a token, known to the outside by a number (CK_OBJECT_HANDLE). */
export interface TokenKey {
  readonly handle: number;
  readonly publicKey: Uint8Array;
}

/**
 * Where private keys live and work: the software token of this folder, or hardware behind PKCS #11
 * (OASIS v3.1 §5), after whose functions the methods are cut. Calls are synchronous, as there. A key
 * goes in or is born inside; only a wrapped form ever comes out.
 */
export interface KeyToken {
  /** Stands in the pages of its keys. */
  readonly kind: string;
  /** C_Login. */
  login(pin: Uint8Array): void;
  /** C_Logout: every handle is void. */
  logout(): void;
  /** C_GenerateKeyPair. @throws Fault KEY_LOCKED, SUITE_UNKNOWN */
  generateKey(scheme: string): TokenKey;
  /** C_CreateObject. @throws Fault KEY_LOCKED, SUITE_UNKNOWN, KEY_INVALID */
  importKey(scheme: string, pkcs8: Uint8Array): TokenKey;
  /** C_WrapKey, once per key; hardware may give the object's id. @throws Fault KEY_LOCKED */
  wrapKey(key: TokenKey, associated: Uint8Array): Uint8Array;
  /** C_UnwrapKey. @throws Fault KEY_LOCKED, PASSPHRASE_WRONG */
  unwrapKey(scheme: string, wrapped: Uint8Array, associated: Uint8Array): TokenKey;
  /** C_Sign. @throws Fault KEY_LOCKED */
  sign(key: TokenKey, message: Uint8Array): Uint8Array;
  /** C_Decrypt. @throws Fault KEY_LOCKED, SEALED_INVALID */
  open(key: TokenKey, sealed: Uint8Array, context: Uint8Array): Uint8Array;
}
