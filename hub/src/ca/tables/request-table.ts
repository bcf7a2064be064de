import type { CertificateRole } from "@gridledger/protocol/pki/role-table";
import type { Knex } from "knex";
import { blob } from "../../store/blob.ts";
import type { CaStore } from "./ca-store.ts";

export type RequestState = "pending" | "approved" | "rejected";

/** A request that waits for an operator, or was decided. */
export interface PendingRequest {
  /** Random: who knows it may ask how the request stands. */
  readonly id: string;
  readonly code: string;
  readonly authority: string;
  readonly name: string;
  readonly role: CertificateRole;
  readonly attributes: ReadonlyMap<string, string>;
  /** The operator who made the code. */
  readonly askedBy: string;
  /** PKCS#10 of the signing key. */
  readonly signing: Uint8Array;
  /** PKCS#10 of the encryption key. */
  readonly encryption: Uint8Array | null;
  readonly createdMs: number;
  readonly state: RequestState;
  readonly decidedBy: string | null;
  readonly decidedMs: number | null;
  /** Why it was rejected. */
  readonly detail: string | null;
  /** Of the certificates that came of it. */
  readonly serials: readonly string[];
}

interface Row {
  readonly id: string;
  readonly code: string;
  readonly authority: string;
  readonly name: string;
  readonly role: CertificateRole;
  readonly attributes: string;
  readonly asked_by: string;
  readonly signing: Buffer;
  readonly encryption: Buffer | null;
  readonly created_ms: number;
  readonly state: RequestState;
  readonly decided_by: string | null;
  readonly decided_ms: number | null;
  readonly detail: string | null;
  readonly serials: string | null;
}

function openRow(row: Row): PendingRequest {
  const { id, code, authority, name, role, signing, encryption, state, detail } = row;
  return {
    ...{ id, code, authority, name, role, signing, encryption, state, detail },
    attributes: new Map(JSON.parse(row.attributes) as [string, string][]),
    askedBy: row.asked_by,
    createdMs: Number(row.created_ms),
    decidedBy: row.decided_by,
    decidedMs: row.decided_ms === null ? null : Number(row.decided_ms),
    serials: row.serials === null ? [] : row.serials.split(" "),
  };
}

export interface Decision {
  readonly state: "approved" | "rejected";
  readonly by: string;
  readonly atMs: number;
  readonly detail?: string;
  readonly serials?: readonly string[];
}

export class RequestTable {
  readonly #store: CaStore;

  constructor(store: CaStore) {
    this.#store = store;
  }

  /** Inside the caller's transaction. */
  async add(
    db: Knex,
    request: Omit<PendingRequest, "state" | "decidedBy" | "decidedMs" | "detail" | "serials">,
  ): Promise<void> {
    const { id, code, authority, name, role, attributes, signing, encryption } = request;
    await db("certificate_requests").insert({
      ...{ id, code, authority, name, role, attributes: JSON.stringify([...attributes]) },
      ...{ asked_by: request.askedBy, created_ms: request.createdMs, state: "pending" },
      ...{ signing: blob(signing), encryption: encryption && blob(encryption) },
    });
  }

  async find(id: string): Promise<PendingRequest | undefined> {
    const row: Row | undefined = await this.#store
      .read("certificate_requests")
      .where({ id })
      .first();
    return row && openRow(row);
  }

  /** Pending ones first, then the newest. */
  async list(state: RequestState | undefined, limit: number): Promise<PendingRequest[]> {
    const query = this.#store
      .read("certificate_requests")
      .orderByRaw("case state when 'pending' then 0 else 1 end, created_ms desc")
      .limit(limit);
    if (state !== undefined) query.where({ state });
    const rows: Row[] = await query;
    return rows.map(openRow);
  }

  /** Inside the caller's transaction; false where it was decided before. */
  async decide(db: Knex, id: string, decision: Decision): Promise<boolean> {
    const { state, by, atMs, detail, serials } = decision;
    const change = {
      ...{ state, decided_by: by, decided_ms: atMs, detail: detail ?? null },
      serials: serials?.join(" ") ?? null,
    };
    const pending = db("certificate_requests").where({ id, state: "pending" });
    return Number(await pending.update(change)) === 1;
  }
}
