import type { CertificateAuthority } from "../ca/certificate-authority.ts";

/** What the endpoints of the authority take of it. */
export interface CaDeps {
  /** @throws Fault CA_ABSENT */
  readonly ca: () => CertificateAuthority;
  readonly now: () => number;
}
