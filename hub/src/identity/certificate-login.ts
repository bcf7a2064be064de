import type { Subject } from "@gridledger/protocol/access/rules";
import { asFault, type Fault } from "@gridledger/protocol/faults";
import type {
  CertificateSource,
  CertifiedClient,
  ClientCertificates,
} from "../tls/client-certificates.ts";
import { identityFromCertificate, type SignInIdentity } from "./identity-subject.ts";

interface CertificateLoginDeps {
  readonly certificates: Pick<ClientCertificates, "check" | "recheck">;
  readonly findIdentity: (id: string) => SignInIdentity | undefined;
}

/** What the one check of a connection has found. */
type Verdict =
  | { readonly client: CertifiedClient; readonly fault?: undefined }
  | { readonly client?: undefined; readonly fault: Fault };

/**
 * Programs and people known by the certificate of their TLS connection (guide §6.3.1). The path and its
 * signatures are verified once a connection; whether it still holds, and how its identity stands, is
 * asked at every request.
 */
export class CertificateLogin {
  readonly #deps: CertificateLoginDeps;
  readonly #verdicts = new WeakMap<CertificateSource, Verdict>();

  constructor(deps: CertificateLoginDeps) {
    this.#deps = deps;
  }

  /**
   * Undefined for a connection that shows no certificate. One that shows a bad one is never taken for a
   * stranger: that would hide why it sees less.
   *
   * @throws Fault CERTIFICATE_*, TLS_CERTIFICATE_IDENTITY, IDENTITY_REVOKED, FORBIDDEN, PKI_*
   */
  find(connection: CertificateSource): Subject | undefined {
    const { client, fault } = this.#verdictOf(connection);
    if (client === undefined) {
      if (fault.code === "TLS_CERTIFICATE_MISSING") return undefined;
      throw fault;
    }
    this.#deps.certificates.recheck(client);
    return identityFromCertificate(client, this.#deps.findIdentity);
  }

  #verdictOf(connection: CertificateSource): Verdict {
    const known = this.#verdicts.get(connection);
    if (known !== undefined) return known;
    const verdict = this.#check(connection);
    this.#verdicts.set(connection, verdict);
    return verdict;
  }

  #check(connection: CertificateSource): Verdict {
    try {
      return { client: this.#deps.certificates.check(connection) };
    } catch (thrown) {
      return { fault: asFault(thrown) };
    }
  }
}
