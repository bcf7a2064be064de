import type { Knex } from "knex";
import type { Migration } from "./migration.ts";
import { chainTables } from "./migrations/001-chain.ts";
import { outboxTable } from "./migrations/002-outbox.ts";
import { accountTables } from "./migrations/003-accounts.ts";
import { governanceIndex } from "./migrations/004-governance.ts";
import { userTables } from "./migrations/005-users.ts";
import { certificateTables } from "./migrations/006-certificates.ts";
import { auditTable } from "./migrations/007-audit.ts";
import { accessTables } from "./migrations/008-access.ts";
import { revokedCertificateTable } from "./migrations/009-revoked-certificates.ts";
import { evidenceIndex } from "./migrations/010-evidence.ts";
import { breakGlassIndex } from "./migrations/015-break-glass.ts";
import { contractTables } from "./migrations/020-contracts.ts";
import { identityKeyTables } from "./migrations/021-identity-keys.ts";
import { webhookTables } from "./migrations/025-webhooks.ts";
import { ethereumIndex } from "./migrations/026-ethereum.ts";
import { objectTable } from "./migrations/030-objects.ts";
import { recoveryTables } from "./migrations/030-recovery.ts";
import { certificateRecordIndex } from "./migrations/031-certificate-records.ts";
import { objectChangeTables } from "./migrations/032-object-changes.ts";
import { keyDeliveryTable } from "./migrations/035-key-deliveries.ts";
import { standingAuthority } from "./migrations/036-standing-authority.ts";
import { mappingTables } from "./migrations/037-mappings.ts";
import { marketTables } from "./migrations/040-market.ts";
import { correctionTables } from "./migrations/042-corrections.ts";
import { copyTables } from "./migrations/043-copies.ts";
import { auditAnchorTable } from "./migrations/044-audit-anchors.ts";
import { copyPolicyTable } from "./migrations/045-copy-policy.ts";

/** In the order in which they run. A released migration is never changed; add the next one. */
const migrations: readonly Migration[] = [
  chainTables,
  outboxTable,
  accountTables,
  governanceIndex,
  userTables,
  certificateTables,
  auditTable,
  accessTables,
  revokedCertificateTable,
  breakGlassIndex,
  evidenceIndex,
  contractTables,
  identityKeyTables,
  webhookTables,
  ethereumIndex,
  recoveryTables,
  keyDeliveryTable,
  standingAuthority,
  marketTables,
  mappingTables,
  objectTable,
  certificateRecordIndex,
  objectChangeTables,
  correctionTables,
  auditAnchorTable,
  copyTables,
  copyPolicyTable,
];

/** Migrations as code: they are bundled with the hub, not read from a folder. */
export const migrationSource: Knex.MigrationSource<Migration> = {
  getMigrations: () => Promise.resolve([...migrations]),
  getMigrationName: (migration) => migration.name,
  getMigration: (migration) => Promise.resolve(migration),
};
