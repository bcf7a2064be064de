/** Hash function of a suite: 32 bytes over the parts one after the other. */
export type Hash = (...parts: Uint8Array[]) => Uint8Array;

/** Signs without showing the key (guide §4.1.2 c). */
export interface Signer {
  /** 33 bytes, compressed point. */
  readonly publicKey: Uint8Array;
  /** 64 bytes r‖s over the suite's hash of the message. */
  sign(message: Uint8Array): Uint8Array;
}

/** Opens what was sealed to one key, without showing the key (guide §4.1.2 c). */
export interface Opener {
  readonly publicKey: Uint8Array;
  /** @throws Fault SEALED_INVALID unless these bytes were sealed to this key in this context */
  open(sealed: Uint8Array, context: Uint8Array): Uint8Array;
}

/** Authenticated symmetric encryption (RFC 5116): the ciphertext ends with the 16-byte tag. */
export interface Cipher {
  readonly keyBytes: number;
  /** A nonce is used once per key, or everything under the key is lost. */
  readonly nonceBytes: number;
  /** @throws Fault KEY_INVALID where key or nonce have another length */
  encrypt(
    key: Uint8Array,
    nonce: Uint8Array,
    plaintext: Uint8Array,
    associated: Uint8Array,
  ): Uint8Array;
  /** @throws Fault SEALED_INVALID where anything was changed, KEY_INVALID */
  decrypt(
    key: Uint8Array,
    nonce: Uint8Array,
    ciphertext: Uint8Array,
    associated: Uint8Array,
  ): Uint8Array;
}

/**
 * A crypto suite (guide §4.1.1): the algorithms one channel uses together. Suite ids and COSE
 * algorithm numbers stand in `suites.ts` and are never reused.
 */
export interface Suite {
  readonly id: number;
  readonly name: string;
  /** COSE algorithm of its signatures (RFC 9053 §2, or a private number). */
  readonly coseAlgorithm: number;
  readonly hash: Hash;
  /** A new private key as PKCS#8 DER. */
  generateKey(): Uint8Array;
  /** @throws Fault KEY_INVALID */
  signer(pkcs8: Uint8Array): Signer;
  /** @throws Fault KEY_INVALID when the bytes are not a point of the curve */
  checkPublicKey(publicKey: Uint8Array): void;
  /** False for every signature that is not exactly right; never throws on the signature's bytes. */
  verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean;
  /** A new private key for `opener`, as PKCS#8 DER. Signing keys and sealing keys are kept apart. */
  generateSealingKey(): Uint8Array;
  /** @throws Fault KEY_INVALID */
  opener(pkcs8: Uint8Array): Opener;
  /**
   * Encrypts to the holder of a sealing key. `context` says what for; who opens must name the same.
   * @throws Fault KEY_INVALID
   */
  seal(recipientPublicKey: Uint8Array, plaintext: Uint8Array, context: Uint8Array): Uint8Array;
  readonly cipher: Cipher;
}
