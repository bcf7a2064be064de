import type { Knex } from "knex";
import type { Migration } from "../migration.ts";

async function up(db: Knex): Promise<void> {
  await db.schema.createTable("audit_anchors", (table) => {
    table.integer("batch").primary();
    table.integer("first_line").notNullable();
    table.integer("lines").notNullable();
    table.binary("salt").notNullable();
    table.binary("payload").notNullable(); // protocol/audit/audit-anchor
    table.binary("tx"); // as signed; null before it was sent first
    table.integer("height"); // null until it is final
    table.bigInteger("block_ms");
  });
}

async function down(db: Knex): Promise<void> {
  await db.schema.dropTable("audit_anchors");
}

/** Anchors of the audit log, and the salts that open them. */
export const auditAnchorTable: Migration = { name: "044-audit-anchors", up, down };
