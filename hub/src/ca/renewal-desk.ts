import type { Suite } from "@gridledger/protocol/crypto/suite";
import { Fault } from "@gridledger/protocol/faults";
import { equalBytes } from "@gridledger/protocol/hex";
import { identityRevoked } from "@gridledger/protocol/ledger/standing";
import { parseCertificate } from "@gridledger/protocol/pki/certificate";
import { namePart } from "@gridledger/protocol/pki/names";
import {
  checkRenewalSignature,
  decodeRenewalRequest,
  type RenewalRequest,
} from "@gridledger/protocol/pki/renewal-request";
import { type CertificateRequest, verifyRequest } from "@gridledger/protocol/pki/request";
import type { CertificateRole } from "@gridledger/protocol/pki/role-table";
import type { Authorities } from "./authorities.ts";
import { checkRequest } from "./check-request.ts";
import type { Issuance } from "./issuance.ts";
import type { KeyCheck, LedgerIdentity } from "./key-check.ts";
import type { CertificateTable, IssuedCertificate } from "./tables/certificate-table.ts";

const DAY_MS = 86_400_000;
/** A device in a cupboard comes back after two years at most; people ask for a new code at once. */
const MAX_EXPIRED_MS = 730 * DAY_MS;
const UNATTENDED: readonly CertificateRole[] = [
  "device",
  "application",
  "candidate",
  "validator",
  "hub",
];

interface RenewalDeps {
  readonly suite: Suite;
  readonly chainId: Uint8Array;
  readonly authorities: Authorities;
  readonly certificates: CertificateTable;
  readonly issuance: Issuance;
  readonly keys: KeyCheck;
  readonly findIdentity: (id: string) => LedgerIdentity | undefined;
  readonly now: () => number;
}

/** Renewal and rekeying, guide §6.1.4: who holds the key of a certificate gets the next one. */
export class RenewalDesk {
  readonly #deps: RenewalDeps;

  constructor(deps: RenewalDeps) {
    this.#deps = deps;
  }

  /**
   * The certificate in the place of the one that the renewal names. Said again it is the same answer.
   *
   * @throws Fault NOT_FOUND, SIGNATURE_INVALID, CERTIFICATE_REVOKED, IDENTITY_REVOKED, RENEWAL_EARLY,
   *   RENEWAL_LATE, REQUEST_*, CBOR_*, PKI_*
   */
  async renew(encoded: Uint8Array): Promise<IssuedCertificate> {
    const { certificates } = this.#deps;
    const renewal = decodeRenewalRequest(encoded);
    const current = await certificates.find(renewal.serial);
    if (current === undefined || current.role === null) {
      throw new Fault("NOT_FOUND", "there is no such certificate to renew");
    }
    await this.#checkSender(renewal, current);
    const request = verifyRequest(renewal.request);
    if (current.replacedBy !== null) return this.#repeated(current.replacedBy, request);
    this.#checkTime(current);
    return this.#replace(current, current.role, request);
  }

  /** The subject's signing key signs, also for its encryption certificate. */
  async #checkSender(renewal: RenewalRequest, current: IssuedCertificate): Promise<void> {
    const { suite, chainId, certificates, findIdentity } = this.#deps;
    const signing =
      current.purpose === "encryption"
        ? await certificates.ofIdentity(current.identity ?? "", "signing")
        : current;
    if (signing === undefined) throw new Fault("NOT_FOUND", "the subject has no signing key here");
    checkRenewalSignature(suite, signing.publicKey, chainId, renewal);
    for (const { revokedMs, revokedBy } of [signing, current]) {
      if (revokedMs === null) continue;
      throw new Fault("CERTIFICATE_REVOKED", `revoked by ${revokedBy}`);
    }
    const known = findIdentity(signing.identity ?? "");
    if (known?.standing?.isRevoked) throw identityRevoked(known.id, known.standing);
  }

  async #repeated(serial: string, request: CertificateRequest): Promise<IssuedCertificate> {
    const next = await this.#deps.certificates.find(serial);
    const isSame = next !== undefined && equalBytes(next.publicKey, request.key.publicKey);
    if (isSame && next.revokedMs === null) return next;
    throw new Fault("RENEWAL_LATE", `it was replaced by ${serial}`);
  }

  #checkTime({ notBeforeMs, notAfterMs, role }: IssuedCertificate): void {
    const now = this.#deps.now();
    const lastThirdMs = notAfterMs - (notAfterMs - notBeforeMs) / 3;
    if (now < lastThirdMs) {
      const from = new Date(lastThirdMs).toISOString();
      throw new Fault("RENEWAL_EARLY", `it can be renewed from ${from}`, { data: { from } });
    }
    const isUnattended = role !== null && UNATTENDED.includes(role);
    if (now > notAfterMs + (isUnattended ? MAX_EXPIRED_MS : 0)) throw new Fault("RENEWAL_LATE");
  }

  async #replace(
    current: IssuedCertificate,
    role: CertificateRole,
    request: CertificateRequest,
  ): Promise<IssuedCertificate> {
    const { suite, authorities, issuance, keys, certificates } = this.#deps;
    const { name, purpose } = current;
    const authority = authorities.find(current.authority);
    checkRequest(request, suite, { organisation: authority.organisation, name, role });
    const { publicKey } = request.key;
    await keys.check(publicKey, { purpose, name, role });
    const isRekeyed = !equalBytes(publicKey, current.publicKey);
    if (isRekeyed && purpose === "signing" && (role === "validator" || role === "hub")) {
      throw new Fault("REQUEST_ROLE", `the key of a ${role} is changed by governance`);
    }
    const before = parseCertificate(current.encoded);
    const made = await issuance.issue(
      authority,
      {
        ...{ purpose, name, role, publicKey, issuedBy: "renewal" },
        attributes: before.subjectRole?.attributes,
        deviceSerial: namePart(before.subject, "serialNumber"),
        ...(purpose === "encryption" && { identity: current.identity }),
      },
      current.serial,
    );
    return (await certificates.find(made.serial))!;
  }
}
