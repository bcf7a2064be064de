import { identityId } from "@gridledger/protocol/crypto/identity-id";
import type { Suite } from "@gridledger/protocol/crypto/suite";
import type { IdentityKey } from "@gridledger/protocol/ledger/identity-keys";
import type { Knex } from "knex";
import { blob } from "../store/blob.ts";
import type { SqlValue } from "../store/insert-rows.ts";
import type { ParsedBlock } from "./parse-block.ts";
import { positionOf } from "./position.ts";

/** The columns of `identities`, as its rows below are written. */
export const identityColumns = ["id", "role", "name", "public_key", "since_height", "suite"];

interface KeyRow {
  readonly id: Buffer;
  readonly epoch: number;
  readonly suite: number;
  readonly public_key: Buffer;
  readonly from_height: number;
  readonly position: number;
}

/** A key that a rotation brought, and where that stands. */
export interface RotatedKey extends IdentityKey {
  readonly identityId: Uint8Array;
  /** `positionOf` the rotation. */
  readonly position: number;
}

export function identityRows(suite: Suite, { block, transactions }: ParsedBlock): SqlValue[][] {
  return transactions.flatMap(({ identity }) => {
    if (identity === undefined) return [];
    const { role, name, publicKey, suiteId } = identity;
    const id = identityId(suite.hash, publicKey);
    return [[blob(id), role, name, blob(publicKey), block.header.height, suiteId ?? null]];
  });
}

/** What the blocks say of keys. A rotation takes the place of one that still waited. */
export async function writeKeyRotations(db: Knex, blocks: readonly ParsedBlock[]): Promise<void> {
  for (const { block, transactions } of blocks) {
    const { height } = block.header;
    for (const [index, { rotation }] of transactions.entries()) {
      if (rotation === undefined) continue;
      const { epoch, suiteId, publicKey, fromHeight } = rotation;
      const id = blob(rotation.identityId);
      await db("identity_keys").where({ id }).where("from_height", ">", height).delete();
      await db("identity_keys").insert({
        ...{ id, epoch, suite: suiteId, public_key: blob(publicKey) },
        ...{ from_height: fromHeight, position: positionOf(height, index) },
      });
    }
  }
}

/** Of one identity or of all, in the order in which they count. */
export async function rotatedKeys(db: Knex, identity?: Uint8Array): Promise<RotatedKey[]> {
  const query = db("identity_keys").orderBy("from_height");
  const rows: KeyRow[] = await (identity === undefined
    ? query
    : query.where({ id: blob(identity) }));
  return rows.map((row) => ({
    identityId: row.id,
    epoch: Number(row.epoch),
    suiteId: row.suite,
    publicKey: row.public_key,
    fromHeight: Number(row.from_height),
    position: Number(row.position),
  }));
}
