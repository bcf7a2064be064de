import type { TestedAlgorithm } from "./providers.ts";
import type { Opener } from "./suite.ts";

/** A named public-key encryption over PKCS#8 keys. */
export interface SealingAlgorithm {
  readonly name: string;
  /** What `doctor` tests for it. */
  readonly providers: TestedAlgorithm;
  generateSealingKey(): Uint8Array;
  /** @throws Fault KEY_INVALID */
  opener(pkcs8: Uint8Array): Opener;
  /** @throws Fault KEY_INVALID */
  seal(recipientPublicKey: Uint8Array, plaintext: Uint8Array, context: Uint8Array): Uint8Array;
}
