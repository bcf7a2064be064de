import type { HashAlgorithm } from "./hashes.ts";
import type { SealingAlgorithm } from "./sealing.ts";
import type { SignatureAlgorithm } from "./signature.ts";
import type { Cipher, Suite } from "./suite.ts";

/** The four named algorithms of a suite and its numbers. */
export interface SuiteParts {
  readonly id: number;
  readonly name: string;
  readonly coseAlgorithm: number;
  readonly hash: HashAlgorithm;
  /** Public keys of 33 bytes and signatures of 64: what the ledger has room for. */
  readonly signature: SignatureAlgorithm;
  readonly sealing: SealingAlgorithm;
  readonly cipher: Cipher;
}

/** A suite of named algorithms. */
export function composeSuite(parts: SuiteParts): Suite {
  const { id, name, coseAlgorithm, hash, signature, sealing, cipher } = parts;
  return {
    id,
    name,
    coseAlgorithm,
    hash: hash.hash,
    generateKey: signature.generateKey,
    signer: signature.signer,
    checkPublicKey: signature.checkPublicKey,
    verify: signature.verify,
    generateSealingKey: sealing.generateSealingKey,
    opener: sealing.opener,
    seal: sealing.seal,
    cipher,
  };
}
