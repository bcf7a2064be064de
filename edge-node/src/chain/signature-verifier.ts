/** A signed transaction and the key that must have signed it. */
export interface SignatureCheck {
  readonly encoded: Uint8Array;
  readonly publicKey: Uint8Array;
}

/** Verifies signatures beside the thread on which everything else happens. */
export interface SignatureVerifier {
  /**
   * One byte a check, in order: 1 where the signature is right. 0 says nothing: it was wrong, or it was not
   * looked at. Never rejects.
   */
  verify(checks: readonly SignatureCheck[]): Promise<Uint8Array>;
  /** Nothing more comes soon: gives back what it holds. The next work starts it again. */
  stop(): void;
}
