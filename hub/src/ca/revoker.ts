import { Fault } from "@gridledger/protocol/faults";
import type { CrlReason } from "@gridledger/protocol/pki/crl-reasons";
import { ledgerRole } from "@gridledger/protocol/pki/role-table";
import type { Authorities } from "./authorities.ts";
import type { CrlPublisher } from "./crl-publisher.ts";
import type { LedgerIdentity } from "./key-check.ts";
import type { CertificateTable, IssuedCertificate } from "./tables/certificate-table.ts";

interface RevokerDeps {
  readonly authorities: Authorities;
  readonly certificates: CertificateTable;
  readonly crls: CrlPublisher;
  readonly findIdentity: (id: string) => LedgerIdentity | undefined;
  /** What taking this validator's seat would do to the chain, in words. */
  readonly describeRemoval: (publicKey: Uint8Array) => string;
  readonly now: () => number;
}

/** Takes a certificate back, guide §6.1.3: at once in the CRL, and on the chain with its next block. */
export class Revoker {
  readonly #deps: RevokerDeps;

  constructor(deps: RevokerDeps) {
    this.#deps = deps;
  }

  /** @throws Fault NOT_FOUND, CERTIFICATE_REVOKED, REVOCATION_VALIDATOR */
  async revoke(serial: string, reason: CrlReason, by: string): Promise<void> {
    const { authorities, certificates, crls, now } = this.#deps;
    const certificate = await certificates.find(serial);
    if (certificate === undefined) throw new Fault("NOT_FOUND", "there is no such certificate");
    this.#guard(certificate);
    const isOnChain = certificate.role !== null && ledgerRole(certificate.role) !== undefined;
    const revocation = { revokedAtMs: Math.floor(now() / 1_000) * 1_000, reason };
    if (!(await certificates.revoke(serial, revocation, by, isOnChain))) {
      throw new Fault("CERTIFICATE_REVOKED", "it was revoked before");
    }
    await crls.refresh(authorities.find(certificate.authority));
  }

  /** A validator's seat is the consensus' matter: a revocation never stops a chain. */
  #guard({ identity, purpose, replacedBy }: IssuedCertificate): void {
    const known = identity === null ? undefined : this.#deps.findIdentity(identity);
    const isSubject = purpose === "signing" && replacedBy === null;
    if (known?.role !== "validator" || !isSubject) return;
    const effect = this.#deps.describeRemoval(known.publicKey);
    throw new Fault(
      "REVOCATION_VALIDATOR",
      `first: gridledger validator propose-remove ${known.name} (${effect})`,
    );
  }
}
