import type { KeyFormat } from "./key-format.ts";
import type { Providers } from "./providers.ts";
import { checkBesidePoint } from "./signature.ts";

/** One side of a Diffie–Hellman agreement, without showing the key. */
export interface Agreer {
  readonly publicKey: Uint8Array;
  /** The 32 shared bytes. @throws Fault KEY_INVALID where the other key is not a good one */
  agree(otherPublicKey: Uint8Array): Uint8Array;
}

/** What a provider brings for one agreement, over the 32 secret bytes of a key. */
export interface AgreementProvider {
  agreer(secret: Uint8Array): Agreer;
}

/** A named key agreement over PKCS#8 keys. */
export interface AgreementAlgorithm {
  readonly name: string;
  readonly publicKeyBytes: number;
  readonly providers: Providers<AgreementProvider>;
  generateKey(): Uint8Array;
  /** @throws Fault KEY_INVALID */
  agreer(pkcs8: Uint8Array): Agreer;
  /** A key for one message, which never leaves this process. */
  ephemeral(): Agreer;
}

export function agreementAlgorithm(
  name: string,
  publicKeyBytes: number,
  format: KeyFormat,
  providers: Providers<AgreementProvider>,
): AgreementAlgorithm {
  return {
    name,
    publicKeyBytes,
    providers,
    generateKey: () => format.encode(format.generateSecret()),
    agreer(pkcs8) {
      const { secret, point } = format.decode(pkcs8);
      const agreer = providers.get().agreer(secret);
      checkBesidePoint(point, agreer.publicKey);
      return agreer;
    },
    ephemeral: () => providers.get().agreer(format.generateSecret()),
  };
}
