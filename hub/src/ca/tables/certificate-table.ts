import { Fault } from "@gridledger/protocol/faults";
import type { Revocation } from "@gridledger/protocol/pki/crl";
import type { CrlReason } from "@gridledger/protocol/pki/crl-reasons";
import type { CertificateRole } from "@gridledger/protocol/pki/role-table";
import type { Knex } from "knex";
import { blob } from "../../store/blob.ts";
import type { CaStore } from "./ca-store.ts";

/** What a certificate is used for. */
export type CertificatePurpose = "signing" | "encryption" | "server" | "client";

/** A certificate that an authority of this hub has issued. */
export interface IssuedCertificate {
  /** Grows with every certificate; the cursor of lists. */
  readonly position: number;
  readonly serial: string;
  /** Id of the issuing authority. */
  readonly authority: string;
  readonly purpose: CertificatePurpose;
  readonly name: string;
  readonly role: CertificateRole | null;
  /** Identity id in hex of the subject's signing key; null for a server. */
  readonly identity: string | null;
  readonly publicKey: Uint8Array;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
  readonly encoded: Uint8Array;
  readonly issuedBy: string;
  /** Serial of the certificate that took its place. */
  readonly replacedBy: string | null;
  readonly revokedMs: number | null;
  readonly reason: CrlReason | null;
  readonly revokedBy: string | null;
  /** True while the chain has not heard of its last change. */
  readonly toRecord: boolean;
}

export type NewCertificate = Omit<
  IssuedCertificate,
  "position" | "replacedBy" | "revokedMs" | "reason" | "revokedBy"
>;

export interface CertificateFilter {
  /** Part of the name, the serial number or the identity. */
  readonly search?: string | undefined;
  readonly state?: "valid" | "expired" | "revoked" | undefined;
  /** Valid ones that end before this. */
  readonly endsBeforeMs?: number | undefined;
  readonly beforePosition?: number | undefined;
  readonly limit: number;
}

interface Row {
  readonly position: number;
  readonly serial: string;
  readonly authority: string;
  readonly purpose: CertificatePurpose;
  readonly name: string;
  readonly role: CertificateRole | null;
  readonly identity: string | null;
  readonly public_key: Buffer;
  readonly not_before_ms: number;
  readonly not_after_ms: number;
  readonly encoded: Buffer;
  readonly issued_by: string;
  readonly replaced_by: string | null;
  readonly revoked_ms: number | null;
  readonly reason: CrlReason | null;
  readonly revoked_by: string | null;
  readonly to_record: number;
}

function openRow(row: Row): IssuedCertificate {
  const { position, serial, authority, purpose, name, role, identity, encoded, reason } = row;
  return {
    ...{ position, serial, authority, purpose, name, role, identity, encoded, reason },
    publicKey: row.public_key,
    notBeforeMs: Number(row.not_before_ms),
    notAfterMs: Number(row.not_after_ms),
    issuedBy: row.issued_by,
    replacedBy: row.replaced_by,
    revokedMs: row.revoked_ms === null ? null : Number(row.revoked_ms),
    revokedBy: row.revoked_by,
    toRecord: row.to_record === 1,
  };
}

function rowOf(certificate: NewCertificate) {
  const { serial, authority, purpose, name, role, identity } = certificate;
  return {
    ...{ serial, authority, purpose, name, role, identity },
    public_key: blob(certificate.publicKey),
    not_before_ms: certificate.notBeforeMs,
    not_after_ms: certificate.notAfterMs,
    encoded: blob(certificate.encoded),
    issued_by: certificate.issuedBy,
    to_record: certificate.toRecord ? 1 : 0,
  };
}

/** Certificates by serial number. */
export class CertificateTable {
  readonly #store: CaStore;

  constructor(store: CaStore) {
    this.#store = store;
  }

  /**
   * Adds certificates inside the caller's transaction; `replaces` is the serial of the one before.
   *
   * @throws Fault RENEWAL_LATE where another took that place meanwhile
   */
  async add(db: Knex, certificates: readonly NewCertificate[], replaces?: string): Promise<void> {
    for (const certificate of certificates) await db("certificates").insert(rowOf(certificate));
    const [first] = certificates;
    if (replaces !== undefined && first !== undefined) {
      const open = db("certificates").where({ serial: replaces }).whereNull("replaced_by");
      const changed = await open.update({ replaced_by: first.serial });
      if (Number(changed) !== 1) throw new Fault("RENEWAL_LATE", "it was replaced meanwhile");
    }
  }

  async find(serial: string): Promise<IssuedCertificate | undefined> {
    const row: Row | undefined = await this.#store.read("certificates").where({ serial }).first();
    return row && openRow(row);
  }

  /** The newest first. */
  async page(filter: CertificateFilter, nowMs: number): Promise<IssuedCertificate[]> {
    const query = this.#store.read("certificates").orderBy("position", "desc").limit(filter.limit);
    const { search, state, endsBeforeMs, beforePosition } = filter;
    if (beforePosition !== undefined) query.where("position", "<", beforePosition);
    if (state === "revoked") query.whereNotNull("revoked_ms");
    if (state === "expired") query.whereNull("revoked_ms").where("not_after_ms", "<", nowMs);
    if (state === "valid" || endsBeforeMs !== undefined) {
      query.whereNull("revoked_ms").where("not_after_ms", ">=", nowMs);
    }
    if (endsBeforeMs !== undefined) {
      query.whereNull("replaced_by").where("not_after_ms", "<", endsBeforeMs);
    }
    if (search !== undefined) {
      const pattern = `%${search.replace(/[\\%_]/g, "\\$&")}%`;
      query.where((some) => {
        for (const column of ["name", "serial", "identity"]) {
          some.orWhereRaw(`${column} like ? escape '\\'`, [pattern]);
        }
      });
    }
    const rows: Row[] = await query;
    return rows.map(openRow);
  }

  /** Those of a public key, the newest first. */
  async ofKey(publicKey: Uint8Array): Promise<IssuedCertificate[]> {
    const rows: Row[] = await this.#store
      .read("certificates")
      .where({ public_key: blob(publicKey) })
      .orderBy("position", "desc");
    return rows.map(openRow);
  }

  /** The newest of an identity. */
  async ofIdentity(
    identity: string,
    purpose: CertificatePurpose,
  ): Promise<IssuedCertificate | undefined> {
    const row: Row | undefined = await this.#store
      .read("certificates")
      .where({ identity, purpose })
      .orderBy("position", "desc")
      .first();
    return row && openRow(row);
  }

  /** All of an identity, of keys that it has rotated from too; the newest first. */
  async everyOf(identity: string): Promise<IssuedCertificate[]> {
    const rows: Row[] = await this.#store
      .read("certificates")
      .where({ identity })
      .orderBy("position", "desc");
    return rows.map(openRow);
  }

  /** Those in force, one of each identity: the newest. */
  async ofRole(
    role: CertificateRole,
    purpose: CertificatePurpose,
    nowMs: number,
  ): Promise<IssuedCertificate[]> {
    const rows: Row[] = await this.#store
      .read("certificates")
      .where({ role, purpose })
      .whereNull("revoked_ms")
      .whereNull("replaced_by")
      .where("not_after_ms", ">=", nowMs)
      .orderBy("position", "desc");
    const newest = new Map(rows.toReversed().map((row) => [row.identity, row]));
    return [...newest.values()].map(openRow);
  }

  /** Those of which the chain has not heard, the oldest first. */
  async unrecorded(limit: number): Promise<IssuedCertificate[]> {
    const rows: Row[] = await this.#store
      .read("certificates")
      .where({ to_record: 1 })
      .orderBy("position")
      .limit(limit);
    return rows.map(openRow);
  }

  async markRecorded(serials: readonly string[]): Promise<void> {
    await this.#store.transaction((db) =>
      db("certificates").whereIn("serial", serials).update({ to_record: 0 }),
    );
  }

  /** False where it was revoked before. */
  async revoke(
    serial: string,
    { revokedAtMs, reason }: Revocation,
    by: string,
    toRecord: boolean,
  ): Promise<boolean> {
    const change = { revoked_ms: revokedAtMs, reason, revoked_by: by, to_record: toRecord ? 1 : 0 };
    const changed = await this.#store.transaction((db) =>
      db("certificates").where({ serial }).whereNull("revoked_ms").update(change),
    );
    return Number(changed) === 1;
  }

  /** What an authority's CRL lists: all it ever revoked. */
  async revokedBy(authority: string): Promise<Map<string, Revocation>> {
    const rows: Pick<Row, "serial" | "revoked_ms" | "reason">[] = await this.#store
      .read("certificates")
      .select("serial", "revoked_ms", "reason")
      .where({ authority })
      .whereNotNull("revoked_ms");
    return new Map(
      rows.map(({ serial, revoked_ms, reason }) => [
        serial,
        { revokedAtMs: Number(revoked_ms), reason: reason ?? "unspecified" },
      ]),
    );
  }
}
