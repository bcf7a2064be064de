import { Fault } from "@gridledger/protocol/faults";
import { equalBytes } from "@gridledger/protocol/hex";
import type { Role } from "@gridledger/protocol/ledger/roles";
import { identityRevoked, type Standing } from "@gridledger/protocol/ledger/standing";
import { type CertificateRole, ledgerRole } from "@gridledger/protocol/pki/role-table";
import type { CertificatePurpose, CertificateTable } from "./tables/certificate-table.ts";

/** An identity as the chain knows it. */
export interface LedgerIdentity {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  /** The key of now, and the number of its suite. */
  readonly publicKey: Uint8Array;
  readonly suiteId: number;
  readonly sinceHeight: number;
  /** `isByAuthority`: revoked only because its authority is. */
  readonly standing:
    | (Omit<Standing, "recorderId"> & { readonly isByAuthority?: boolean })
    | undefined;
}

interface KeyCheckDeps {
  readonly certificates: CertificateTable;
  readonly identityOf: (publicKey: Uint8Array) => string;
  readonly findIdentity: (id: string) => LedgerIdentity | undefined;
}

interface KeyUse {
  readonly purpose: CertificatePurpose;
  readonly name: string;
  readonly role: CertificateRole | null;
}

/** Whether a key may be certified for a subject: one key, one subject, one purpose. */
export class KeyCheck {
  readonly #deps: KeyCheckDeps;

  constructor(deps: KeyCheckDeps) {
    this.#deps = deps;
  }

  /** @throws Fault REQUEST_KEY, IDENTITY_REVOKED, CERTIFICATE_REVOKED */
  async check(publicKey: Uint8Array, use: KeyUse): Promise<void> {
    this.#checkLedger(publicKey, use);
    for (const known of await this.#deps.certificates.ofKey(publicKey)) {
      const isSame =
        known.name === use.name && known.role === use.role && known.purpose === use.purpose;
      if (!isSame) throw new Fault("REQUEST_KEY", `it has a certificate for ${known.purpose}`);
      // A key that was revoked may be in other hands.
      if (known.revokedMs !== null && known.reason !== "superseded") {
        throw new Fault("CERTIFICATE_REVOKED", "the key was revoked; make a new one");
      }
    }
  }

  #checkLedger(publicKey: Uint8Array, { purpose, role }: KeyUse): void {
    const { identityOf, findIdentity } = this.#deps;
    const known = findIdentity(identityOf(publicKey));
    if (known === undefined) return;
    if (known.standing?.isRevoked && !known.standing.isByAuthority)
      throw identityRevoked(known.id, known.standing);
    const wanted = role === null ? undefined : ledgerRole(role);
    if (purpose !== "signing" || known.role !== wanted) {
      throw new Fault("REQUEST_KEY", `on the chain it is the key of a ${known.role}`);
    }
    // guide §4.1.2 b): what has been rotated from may be in other hands.
    if (!equalBytes(known.publicKey, publicKey)) {
      throw new Fault("REQUEST_KEY", `${known.id} signs with another key now`);
    }
  }
}
