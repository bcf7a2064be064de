import type { Identity } from "../ledger/enrolment.ts";
import type { CertificateContent } from "../pki/certificate.ts";

/** Who signed, and how the chain's records have it. */
export interface SignerStanding {
  /** As it was enrolled. */
  readonly identity: Identity;
  /** 0 when it stands in the genesis. */
  readonly sinceHeight: number;
  /** The certificate that was recorded for it at the time; undefined where none was. */
  readonly certified:
    | {
        readonly height: number;
        readonly isShown: boolean;
        readonly fingerprint: Uint8Array;
        /** Of the certificate, where it is shown. */
        readonly content: CertificateContent | undefined;
      }
    | undefined;
  /** After the evidence, or the bundle would be refused; undefined where the bundle shows no revocation. */
  readonly revoked: { readonly height: number; readonly reason: string } | undefined;
  /** The final block up to which it is proven that nothing else was recorded; undefined where it is not. */
  readonly shownUpTo: { readonly height: number; readonly timeMs: number } | undefined;
}
