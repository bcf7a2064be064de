import { identityId } from "@gridledger/protocol/crypto/identity-id";
import type { Hash } from "@gridledger/protocol/crypto/suite";
import type { Action } from "@gridledger/protocol/governance/actions/table";
import { roleMoves } from "@gridledger/protocol/governance/role-moves";
import { formatHex } from "@gridledger/protocol/hex";
import type { Identity } from "@gridledger/protocol/ledger/enrolment";
import type { Role } from "@gridledger/protocol/ledger/roles";
import type { Knex } from "knex";

/** An identity of the channel and since when; 0 is the genesis. */
export interface KnownIdentity extends Identity {
  readonly id: string;
  readonly sinceHeight: number;
}

interface IdentityRow {
  readonly id: Buffer;
  readonly role: Role;
  readonly name: string;
  readonly public_key: Buffer;
  readonly since_height: number;
}

/** The identities of the channel by id, in memory: the broker asks for one at every connection. */
export class Directory {
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
  }

  add(identity: Identity, sinceHeight: number): void {
    const id = formatHex(identityId(this.#hash, identity.publicKey));
    if (!this.#byId.has(id)) this.#byId.set(id, { ...identity, id, sinceHeight });
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
