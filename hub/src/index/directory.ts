import { identityId } from "@gridledger/protocol/crypto/identity-id";
import type { Hash } from "@gridledger/protocol/crypto/suite";
import type { Action } from "@gridledger/protocol/governance/actions/table";
import { roleMoves } from "@gridledger/protocol/governance/role-moves";
import { formatHex } from "@gridledger/protocol/hex";
import type { CertificateRecord } from "@gridledger/protocol/ledger/certificate-record";
import type { Identity } from "@gridledger/protocol/ledger/enrolment";
import type { Role } from "@gridledger/protocol/ledger/roles";
import type { Standing } from "@gridledger/protocol/ledger/standing";
import type { CrlReason } from "@gridledger/protocol/pki/crl-reasons";
import type { Knex } from "knex";

/** What the chain says of an identity's certificate. */
export type KnownStanding = Omit<Standing, "recorderId">;

/** An identity of the channel and since when; 0 is the genesis. */
export interface KnownIdentity extends Identity {
  readonly id: string;
  readonly sinceHeight: number;
  /** Undefined while the chain has heard of no certificate. */
  readonly standing: KnownStanding | undefined;
}

interface IdentityRow {
  readonly id: Buffer;
  readonly role: Role;
  readonly name: string;
  readonly public_key: Buffer;
  readonly since_height: number;
}

interface StandingRow {
  readonly id: Buffer;
  readonly revoked: number;
  readonly fingerprint: Buffer;
  readonly reason: CrlReason;
  readonly height: number;
}

/** The identities of the channel by id, in memory: the broker asks for one at every connection. */
export class Directory {
  /** Revocation keys in hex. */
  readonly #void = new Set<string>();
  readonly #hash: Hash;
  readonly #byId = new Map<string, KnownIdentity>();

  constructor(hash: Hash) {
    this.#hash = hash;
  }

  async load(db: Knex): Promise<void> {
    const rows: IdentityRow[] = await db("identities");
    for (const row of rows) {
      const { role, name, public_key: publicKey } = row;
      this.add({ role, name, publicKey }, Number(row.since_height));
    }
    const revoked: { readonly key: Buffer }[] = await db("revoked_certificates").select("key");
    for (const { key } of revoked) this.#void.add(formatHex(key));
    const standings: StandingRow[] = await db("standings");
    for (const { id, revoked, fingerprint, reason, height } of standings) {
      const standing = { isRevoked: revoked === 1, fingerprint, reason, height: Number(height) };
      this.#stand(formatHex(id), standing);
    }
  }

  add(identity: Identity, sinceHeight: number): void {
    const id = formatHex(identityId(this.#hash, identity.publicKey));
    if (this.#byId.has(id)) return;
    this.#byId.set(id, { ...identity, id, sinceHeight, standing: undefined });
  }

  /** A final record says how an identity stands from its block on. */
  record(record: CertificateRecord, height: number): void {
    const { action, identityId: id, fingerprint, reason, certificateKey } = record;
    if (action === "revoked" || action === "withdrawn") this.#void.add(formatHex(certificateKey));
    if (action === "withdrawn") return;
    this.#stand(formatHex(id), { isRevoked: action === "revoked", fingerprint, reason, height });
  }

  /** Whether the chain calls the certificate void, by its `revocationKey`. */
  isRevokedCertificate(key: Uint8Array): boolean {
    return this.#void.has(formatHex(key));
  }

  #stand(id: string, standing: KnownStanding): void {
    const known = this.#byId.get(id);
    if (known !== undefined) this.#byId.set(id, { ...known, standing });
  }

  /** A change of the validator set moves the roles of those who joined and left. */
  move(executed: Action): void {
    for (const { publicKey, role, name } of roleMoves(executed)) {
      const id = formatHex(identityId(this.#hash, publicKey));
      const known = this.#byId.get(id);
      if (known !== undefined) this.#byId.set(id, { ...known, role, name: name ?? known.name });
    }
  }

  /** @param id hex */
  find(id: string): KnownIdentity | undefined {
    return this.#byId.get(id);
  }

  /** Ascending by id, after `cursor`. */
  page(limit: number, cursor = ""): KnownIdentity[] {
    const ids = [...this.#byId.keys()].filter((id) => id > cursor).sort();
    return ids.slice(0, limit).map((id) => this.#byId.get(id)!);
  }
}
