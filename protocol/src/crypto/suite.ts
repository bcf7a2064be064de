/** Hash function of a suite: 32 bytes over the parts one after the other. */
export type Hash = (...parts: Uint8Array[]) => Uint8Array;

/** Signs without showing the key (guide §4.1.2 c). */
export interface Signer {
  /** 33 bytes, compressed point. */
  readonly publicKey: Uint8Array;
  /** 64 bytes r‖s over the suite's hash of the message. */
  sign(message: Uint8Array): Uint8Array;
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
}
