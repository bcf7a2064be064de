import type { CertificateRole } from "@gridledger/protocol/pki/role-table";
import type { Knex } from "knex";
import type { CaStore } from "./ca-store.ts";

/** An invitation: who may hand in one request, with a code that is not kept. */
export interface EnrolmentCode {
  readonly id: string;
  readonly secretHash: Uint8Array;
  readonly authority: string;
  readonly name: string;
  readonly role: CertificateRole;
  readonly attributes: ReadonlyMap<string, string>;
  readonly createdBy: string;
  readonly createdMs: number;
  readonly expiresMs: number;
  readonly attemptsLeft: number;
  /** Id of the request that used it. */
  readonly request: string | null;
}

interface Row {
  readonly id: string;
  readonly secret_hash: Buffer;
  readonly authority: string;
  readonly name: string;
  readonly role: CertificateRole;
  readonly attributes: string;
  readonly created_by: string;
  readonly created_ms: number;
  readonly expires_ms: number;
  readonly attempts_left: number;
  readonly request: string | null;
}

function openRow(row: Row): EnrolmentCode {
  const { id, authority, name, role, request } = row;
  return {
    ...{ id, authority, name, role, request },
    secretHash: row.secret_hash,
    attributes: new Map(JSON.parse(row.attributes) as [string, string][]),
    createdBy: row.created_by,
    createdMs: Number(row.created_ms),
    expiresMs: Number(row.expires_ms),
    attemptsLeft: row.attempts_left,
  };
}

export class CodeTable {
  readonly #store: CaStore;

  constructor(store: CaStore) {
    this.#store = store;
  }

  async add(code: Omit<EnrolmentCode, "request">): Promise<void> {
    const { id, secretHash, authority, name, role, attributes } = code;
    const row = {
      ...{ id, secret_hash: Buffer.from(secretHash), authority, name, role },
      attributes: JSON.stringify([...attributes]),
      created_by: code.createdBy,
      created_ms: code.createdMs,
      expires_ms: code.expiresMs,
      attempts_left: code.attemptsLeft,
    };
    await this.#store.transaction((db) => db("enrolment_codes").insert(row));
  }

  async find(id: string): Promise<EnrolmentCode | undefined> {
    const row: Row | undefined = await this.#store.read("enrolment_codes").where({ id }).first();
    return row && openRow(row);
  }

  /** The newest first. */
  async list(limit: number): Promise<EnrolmentCode[]> {
    const rows: Row[] = await this.#store
      .read("enrolment_codes")
      .orderBy("created_ms", "desc")
      .limit(limit);
    return rows.map(openRow);
  }

  /** Takes one attempt; false where none is left. */
  async takeAttempt(id: string): Promise<boolean> {
    const changed = await this.#store.transaction((db) =>
      db("enrolment_codes")
        .where({ id })
        .where("attempts_left", ">", 0)
        .decrement("attempts_left", 1),
    );
    return Number(changed) === 1;
  }

  /** Gives the attempt back that a right code took. */
  async returnAttempt(id: string): Promise<void> {
    await this.#store.transaction((db) =>
      db("enrolment_codes").where({ id }).increment("attempts_left", 1),
    );
  }

  /** Binds the code to a request inside the caller's transaction; false where another has it. */
  async use(db: Knex, id: string, request: string): Promise<boolean> {
    const changed = await db("enrolment_codes")
      .where({ id })
      .whereNull("request")
      .update({ request });
    return Number(changed) === 1;
  }
}
