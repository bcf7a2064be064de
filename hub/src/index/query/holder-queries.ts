import { type CopyPolicy, DEFAULT_COPIES } from "@gridledger/protocol/copies/copy-policy";
import type { Holder } from "@gridledger/protocol/copies/placement";
import { formatHex } from "@gridledger/protocol/hex";
import type { Knex } from "knex";
import type { KnownIdentity } from "../directory.ts";

/** A holder with who it is. */
export interface KnownHolder extends Holder {
  readonly identity: KnownIdentity;
}

interface HolderRow {
  readonly identity: Buffer;
  readonly name: string;
  readonly capacity: number;
}

interface QueryDeps {
  readonly store: { readonly read: Knex };
  readonly findIdentity: (id: string) => KnownIdentity | undefined;
}

/** Who keeps copies of objects by the chain; the same as `holdersIn` of the state. */
export class HolderQueries {
  readonly #deps: QueryDeps;

  constructor(deps: QueryDeps) {
    this.#deps = deps;
  }

  /** Copies that votes want of objects of each class. */
  async policy(): Promise<CopyPolicy> {
    const rows: { classification: string; copies: number }[] =
      await this.#deps.store.read("copy_policy");
    const decided = rows.map(({ classification, copies }) => [classification, Number(copies)]);
    return { ...DEFAULT_COPIES, ...Object.fromEntries(decided) };
  }

  /** A node that was voted out, or was revoked, is none. */
  async all(): Promise<KnownHolder[]> {
    const { findIdentity, store } = this.#deps;
    const rows: HolderRow[] = await store.read("copy_holders").orderBy(["identity", "name"]);
    return rows.flatMap(({ identity: id, name, capacity }) => {
      const identity = findIdentity(formatHex(id));
      const isStore = identity?.role === "hub";
      if (identity === undefined || identity.standing?.isRevoked) return [];
      if (!isStore && identity.role !== "validator") return [];
      return [{ id, name, capacityBytes: Number(capacity), isStore, identity }];
    });
  }
}
