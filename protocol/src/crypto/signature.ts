import { compareBytes } from "../cbor/reader.ts";
import { Fault } from "../faults.ts";
import type { KeyFormat } from "./key-format.ts";
import type { Providers } from "./providers.ts";
import type { Signer } from "./suite.ts";

/** What a provider brings for one signature algorithm, over the 32 secret bytes of a key. */
export interface SignatureProvider {
  signer(secret: Uint8Array): Signer;
  /** @throws Fault KEY_INVALID */
  checkPublicKey(publicKey: Uint8Array): void;
  /** Exactly the same answer from every provider: a network must not split on a signature. */
  verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean;
}

/** A named signature algorithm over PKCS#8 keys. */
export interface SignatureAlgorithm {
  readonly name: string;
  readonly providers: Providers<SignatureProvider>;
  generateKey(): Uint8Array;
  /** @throws Fault KEY_INVALID */
  signer(pkcs8: Uint8Array): Signer;
  /** @throws Fault KEY_INVALID */
  checkPublicKey(publicKey: Uint8Array): void;
  verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean;
}

/** True when the uncompressed point (SEC 1 §2.3.3) is the one that the compressed bytes name. */
function isSamePoint(point: Uint8Array, compressed: Uint8Array): boolean {
  const parity = 2 | ((point.at(-1) ?? 0) & 1);
  return (
    point.length === 65 &&
    compressed[0] === parity &&
    compareBytes(point.subarray(1, 33), compressed.subarray(1)) === 0
  );
}

/** A public key that stands in the file beside the secret must be the secret's. */
export function checkBesidePoint(point: Uint8Array | undefined, publicKey: Uint8Array): void {
  if (point !== undefined && !isSamePoint(point, publicKey)) {
    throw new Fault("KEY_INVALID", "the public key in the PKCS#8 belongs to another private key");
  }
}

export function signatureAlgorithm(
  name: string,
  format: KeyFormat,
  providers: Providers<SignatureProvider>,
): SignatureAlgorithm {
  return {
    name,
    providers,
    generateKey: () => format.encode(format.generateSecret()),
    signer(pkcs8) {
      const { secret, point } = format.decode(pkcs8);
      const signer = providers.get().signer(secret);
      checkBesidePoint(point, signer.publicKey);
      return signer;
    },
    checkPublicKey(publicKey) {
      providers.get().checkPublicKey(publicKey);
    },
    verify: (publicKey, message, signature) =>
      providers.get().verify(publicKey, message, signature),
  };
}
