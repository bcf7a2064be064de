import { formatHex } from "@gridledger/protocol/hex";
import type { Knex } from "knex";
import { blob } from "../store/blob.ts";
import { insertRows, type SqlValue } from "../store/insert-rows.ts";
import type { ParsedBlock } from "./parse-block.ts";

const standingsTable = {
  table: "standings",
  columns: ["id", "revoked", "fingerprint", "reason", "height", "authority"],
  onConflict: `on conflict (id) do update set
    revoked = excluded.revoked, fingerprint = excluded.fingerprint, reason = excluded.reason, height = excluded.height,
    authority = excluded.authority`,
};

const revokedTable = {
  table: "revoked_certificates",
  columns: ["key", "height"],
  onConflict: "on conflict (key) do nothing",
};

/** What the blocks say of certificates. */
export async function writeCertificateRecords(
  db: Knex,
  blocks: readonly ParsedBlock[],
): Promise<void> {
  await insertRows(db, standingsTable, standingRows(blocks));
  await insertRows(db, revokedTable, revokedRows(blocks));
}

/** One row an identity, the last that was said of it: `on conflict` takes a row only once. */
function standingRows(blocks: readonly ParsedBlock[]): SqlValue[][] {
  const rows = new Map<string, SqlValue[]>();
  for (const { block, transactions } of blocks) {
    for (const record of transactions.flatMap(({ certificates }) => certificates ?? [])) {
      const { action, identityId: id, fingerprint, reason, authorityKey } = record;
      if (action === "withdrawn" || action === "closed") continue;
      const isRevoked = action === "revoked" ? 1 : 0;
      const row: SqlValue[] = [blob(id), isRevoked, blob(fingerprint), reason, block.header.height];
      row.push(authorityKey === undefined ? null : blob(authorityKey));
      rows.set(formatHex(id), row);
    }
  }
  return [...rows.values()];
}

/** Certificates that are void, with their subjects or alone. */
function revokedRows(blocks: readonly ParsedBlock[]): SqlValue[][] {
  const rows = new Map<string, SqlValue[]>();
  for (const { block, transactions } of blocks) {
    for (const record of transactions.flatMap(({ certificates }) => certificates ?? [])) {
      const { action, certificateKey } = record;
      if (action === "issued" || action === "renewed") continue;
      rows.set(formatHex(certificateKey), [blob(certificateKey), block.header.height]);
    }
  }
  return [...rows.values()];
}
