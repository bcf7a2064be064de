import type { Knex } from "knex";
import type { Migration } from "../migration.ts";

async function up(db: Knex): Promise<void> {
  await db.schema.alterTable("standings", (table) => {
    table.binary("authority"); // revocationKey of the certificate of who issued; null where none is said
  });
}

async function down(db: Knex): Promise<void> {
  await db.schema.alterTable("standings", (table) => {
    table.dropColumn("authority");
  });
}

/** By which authority an identity stands: with it, it falls. */
export const standingAuthority: Migration = { name: "036-standing-authority", up, down };
