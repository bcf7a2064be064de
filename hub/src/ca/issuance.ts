import { randomBytes } from "node:crypto";
import { identityId } from "@gridledger/protocol/crypto/identity-id";
import type { Suite } from "@gridledger/protocol/crypto/suite";
import { Fault } from "@gridledger/protocol/faults";
import { formatHex } from "@gridledger/protocol/hex";
import type { AltNames } from "@gridledger/protocol/pki/alt-names";
import type { CertificateProfile } from "@gridledger/protocol/pki/certificate-profile";
import { IDENTITY_ATTRIBUTE } from "@gridledger/protocol/pki/certified-identity";
import { issueCertificate } from "@gridledger/protocol/pki/issue-certificate";
import { type CertificateRole, ledgerRole } from "@gridledger/protocol/pki/role-table";
import type { Authority } from "./authorities.ts";
import type { CaStore } from "./tables/ca-store.ts";
import type {
  CertificatePurpose,
  CertificateTable,
  NewCertificate,
} from "./tables/certificate-table.ts";

const DAY_MS = 86_400_000;
/** For subjects whose clock is behind. */
const CLOCK_SLACK_MS = 300_000;

/** Signing and encryption never share a certificate (guide §6.2.2, GM/T 0034). */
const profiles: Readonly<Record<CertificatePurpose, CertificateProfile>> = {
  signing: { kind: "signing", tlsClient: true },
  encryption: { kind: "encryption" },
  server: { kind: "tls", tlsClient: true },
  client: { kind: "signing", tlsClient: true },
};

export interface IssueOrder {
  readonly purpose: CertificatePurpose;
  readonly name: string;
  /** None for a server. */
  readonly role?: CertificateRole | undefined;
  readonly attributes?: ReadonlyMap<string, string> | undefined;
  readonly deviceSerial?: string | undefined;
  readonly publicKey: Uint8Array;
  /** Identity id in hex of the subject's signing key, where this certificate is of another one. */
  readonly identity?: string | null;
  readonly altNames?: AltNames | undefined;
  readonly days?: number | undefined;
  readonly issuedBy: string;
}

interface IssuanceDeps {
  readonly store: CaStore;
  readonly certificates: CertificateTable;
  /** Identity id in hex of a signing key, whichever rotation brought it. */
  readonly identityOf: (publicKey: Uint8Array) => string;
  readonly now: () => number;
}

export interface IssuanceOptions {
  /** How long a certificate holds unless the order says. */
  readonly certificateDays: number;
  /** Where the CRL of an authority is fetched, for the certificates; undefined: not said there. */
  readonly crlUri?: ((authority: string) => string) | undefined;
}

/** Makes certificates by profile, never by wish. */
export class Issuance {
  readonly #deps: IssuanceDeps;
  readonly #options: IssuanceOptions;

  constructor(deps: IssuanceDeps, options: IssuanceOptions) {
    this.#deps = deps;
    this.#options = options;
  }

  /** A signed certificate that is in no table yet. @throws Fault AUTHORITY_REVOKED, CERTIFICATE_FIELDS, KEY_INVALID */
  make(authority: Authority, order: IssueOrder): NewCertificate {
    if (authority.isVoid()) throw new Fault("AUTHORITY_REVOKED");
    const { purpose, name, role, publicKey, issuedBy } = order;
    const isServer = purpose === "server";
    const identity = order.identity ?? this.#deps.identityOf(publicKey);
    const period = this.#period(authority, order.days);
    const { suite } = authority;
    const { crlUri } = this.#options;
    const certificate = issueCertificate(authority, {
      ...{ ...period, publicKey, serialRandom: randomBytes(16), profile: profiles[purpose] },
      subject: {
        organisation: authority.organisation,
        commonName: name,
        ...(order.deviceSerial !== undefined && { deviceSerial: order.deviceSerial }),
        ...(role !== undefined && { role, attributes: this.#attributes(order, identity, suite) }),
      },
      ...(order.altNames && { altNames: order.altNames }),
      ...(crlUri && { crlUri: crlUri(authority.id) }),
    });
    const { serial, encoded, notBeforeMs, notAfterMs } = certificate;
    const isOnChain = purpose === "signing" && role !== undefined && ledgerRole(role) !== undefined;
    return {
      ...{ serial, authority: authority.id, purpose, name, role: role ?? null, publicKey, encoded },
      ...{ notBeforeMs, notAfterMs, issuedBy, toRecord: isOnChain },
      identity: isServer ? null : identity,
    };
  }

  /** Issues and keeps one: for provisioning, TLS and renewal. @param replaces serial of the one before */
  async issue(authority: Authority, order: IssueOrder, replaces?: string): Promise<NewCertificate> {
    const made = this.make(authority, order);
    const { store, certificates } = this.#deps;
    await store.transaction((db) => certificates.add(db, [made], replaces));
    return made;
  }

  /** A rotated key does not give its identity's id: the certificate says whose it is. */
  #attributes({ purpose, attributes, publicKey }: IssueOrder, identity: string, { hash }: Suite) {
    const isFirst = identity === formatHex(identityId(hash, publicKey));
    if (purpose !== "signing" || isFirst) return attributes ?? new Map<string, string>();
    return new Map([...(attributes ?? []), [IDENTITY_ATTRIBUTE, identity]]);
  }

  #period({ certificate }: Authority, days = this.#options.certificateDays) {
    const now = this.#deps.now();
    return {
      notBeforeMs: Math.max(now - CLOCK_SLACK_MS, certificate.notBeforeMs),
      notAfterMs: Math.min(now + days * DAY_MS, certificate.notAfterMs),
    };
  }
}
