import type { Suite } from "@gridledger/protocol/crypto/suite";
import { Fault } from "@gridledger/protocol/faults";
import { equalBytes } from "@gridledger/protocol/hex";
import { suiteOfKey } from "@gridledger/protocol/ledger/identity-keys";
import { identityRevoked } from "@gridledger/protocol/ledger/standing";
import { parseCertificate } from "@gridledger/protocol/pki/certificate";
import { IDENTITY_ATTRIBUTE } from "@gridledger/protocol/pki/certified-identity";
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
   * After a rotation of the subject's key it names the key of now, at any time; the one before stays
   * good for what its key has signed (guide §4.1.2 b).
   *
   * @throws Fault NOT_FOUND, SIGNATURE_INVALID, CERTIFICATE_REVOKED, IDENTITY_REVOKED, RENEWAL_EARLY,
   *   RENEWAL_LATE, REQUEST_*, CBOR_*, PKI_*
   */
  async renew(encoded: Uint8Array): Promise<IssuedCertificate> {
    const { certificates } = this.#deps;
    const renewal = decodeRenewalRequest(encoded);
    const named = await certificates.find(renewal.serial);
    if (named === undefined || named.role === null) {
      throw new Fault("NOT_FOUND", "there is no such certificate to renew");
    }
    const current = await this.#latest(named);
    const known = await this.#checkSender(renewal, named, current);
    const request = verifyRequest(renewal.request);
    if (current.replacedBy !== null) return this.#repeated(current.replacedBy, request);
    const isTurned = this.#isTurned(current, known, request);
    if (current !== named && !isTurned) return this.#repeated(current.serial, request);
    this.#checkTime(current, isTurned);
    return this.#replace(current, named.role, request, isTurned);
  }

  /** Of the same identity: an answer may have been lost, and the key rotated since. */
  async #latest(named: IssuedCertificate): Promise<IssuedCertificate> {
    let latest = named;
    while (latest.replacedBy !== null) {
      const next = await this.#deps.certificates.find(latest.replacedBy);
      if (next === undefined || next.identity !== named.identity) break;
      latest = next;
    }
    return latest;
  }

  /** The chain has another key for the subject than the certificate, and that one is to be certified. */
  #isTurned(
    { purpose, publicKey }: IssuedCertificate,
    known: LedgerIdentity | undefined,
    { key }: CertificateRequest,
  ): boolean {
    if (purpose !== "signing" || known === undefined) return false;
    return !equalBytes(publicKey, known.publicKey) && equalBytes(key.publicKey, known.publicKey);
  }

  /** The subject's signing key of now signs, also for its encryption certificate. */
  async #checkSender(
    renewal: RenewalRequest,
    named: IssuedCertificate,
    current: IssuedCertificate,
  ): Promise<LedgerIdentity | undefined> {
    const { suite, chainId, certificates, findIdentity } = this.#deps;
    const signing =
      current.purpose === "encryption"
        ? await certificates.ofIdentity(current.identity ?? "", "signing")
        : current;
    if (signing === undefined) throw new Fault("NOT_FOUND", "the subject has no signing key here");
    const known = signing.purpose === "signing" ? findIdentity(signing.identity ?? "") : undefined;
    const { publicKey, suiteId } = known ?? { ...signing, suiteId: suite.id };
    checkRenewalSignature(suiteOfKey({ suite }, { suiteId }), publicKey, chainId, renewal);
    for (const { revokedMs, revokedBy } of [signing, named, current]) {
      if (revokedMs === null) continue;
      throw new Fault("CERTIFICATE_REVOKED", `revoked by ${revokedBy}`);
    }
    if (known?.standing?.isRevoked) throw identityRevoked(known.id, known.standing);
    return known;
  }

  async #repeated(serial: string, request: CertificateRequest): Promise<IssuedCertificate> {
    const next = await this.#deps.certificates.find(serial);
    const isSame = next !== undefined && equalBytes(next.publicKey, request.key.publicKey);
    if (isSame && next.revokedMs === null) return next;
    throw new Fault("RENEWAL_LATE", `it was replaced by ${serial}`);
  }

  #checkTime({ notBeforeMs, notAfterMs, role }: IssuedCertificate, isTurned: boolean): void {
    const now = this.#deps.now();
    const lastThirdMs = notAfterMs - (notAfterMs - notBeforeMs) / 3;
    if (now < lastThirdMs && !isTurned) {
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
    isTurned: boolean,
  ): Promise<IssuedCertificate> {
    const { suite, authorities, issuance, keys, certificates } = this.#deps;
    const { name, purpose } = current;
    const authority = authorities.find(current.authority);
    checkRequest(request, suite, { organisation: authority.organisation, name, role });
    const { publicKey } = request.key;
    await keys.check(publicKey, { purpose, name, role });
    const isRekeyed = !isTurned && !equalBytes(publicKey, current.publicKey);
    if (isRekeyed && purpose === "signing" && (role === "validator" || role === "hub")) {
      throw new Fault("REQUEST_ROLE", `the key of a ${role} is changed by governance`);
    }
    const before = parseCertificate(current.encoded);
    const attributes = new Map(before.subjectRole?.attributes);
    // Another key begins another identity; what it needs to say of it the issuance knows.
    if (attributes.get(IDENTITY_ATTRIBUTE) === current.identity)
      attributes.delete(IDENTITY_ATTRIBUTE);
    const made = await issuance.issue(
      authority,
      {
        ...{ purpose, name, role, publicKey, issuedBy: "renewal" },
        attributes,
        deviceSerial: namePart(before.subject, "serialNumber"),
        ...(purpose === "encryption" && { identity: current.identity }),
      },
      current.serial,
    );
    return (await certificates.find(made.serial))!;
  }
}
