import type { Chain } from "@gridledger/protocol/ledger/genesis";
import type { CertificateTable } from "../ca/tables/certificate-table.ts";
import { KeyDeliveries } from "../delivery/key-deliveries.ts";
import type { Directory } from "../index/directory.ts";
import type { AuditLog } from "../logs/audit-log.ts";
import { checkSubmission } from "../outbox/check-submission.ts";
import type { Outbox } from "../outbox/outbox.ts";
import { KeepDesk } from "./keep-desk.ts";
import type { RecoveryDeps } from "./recovery-deps.ts";
import { RequestDesk } from "./request-desk.ts";
import { RequestReader } from "./request-reader.ts";
import { KeptKeyTable } from "./tables/kept-key-table.ts";
import { NoticeTable } from "./tables/notice-table.ts";
import { RecoveryRequestTable } from "./tables/recovery-request-table.ts";
import type { RecoveryStore } from "./tables/recovery-store.ts";

interface StartDeps {
  readonly chain: Chain;
  readonly store: RecoveryStore;
  readonly directory: Pick<Directory, "find">;
  readonly outbox: Pick<Outbox, "submit" | "find">;
  readonly audit: Pick<AuditLog, "append" | "record">;
  readonly finalHeight: (txHash: Uint8Array) => Promise<number | undefined>;
  /** Of the hub's authority, where it has one. */
  readonly certificates: CertificateTable | undefined;
  readonly now: () => number;
}

export type Recovery = ReturnType<typeof startRecovery>;

/** What the hub does for keys of others, put together (guide §6.2). It runs nothing by itself. */
export function startRecovery({ store, directory, outbox, certificates, ...rest }: StartDeps) {
  const findIdentity = (id: string) => directory.find(id);
  const deps: RecoveryDeps = {
    ...{ ...rest, store, findIdentity },
    ...{ keys: new KeptKeyTable(store), requests: new RecoveryRequestTable(store) },
    notices: new NoticeTable(store),
    findSpooled: (txHash) => outbox.find(txHash),
    checkSubmission: (encoded) => checkSubmission(rest.chain, findIdentity, encoded),
    submit: (encoded, waitMs) => outbox.submit(encoded, waitMs),
  };
  const reader = new RequestReader(deps);
  const isCertifiedToSign = async (publicKey: Uint8Array) =>
    ((await certificates?.ofKey(publicKey)) ?? []).some(({ purpose }) => purpose !== "encryption");
  return {
    reader,
    keys: deps.keys,
    notices: deps.notices,
    keepDesk: new KeepDesk({ ...deps, isCertifiedToSign }),
    requestDesk: new RequestDesk(deps, reader),
    deliveries: new KeyDeliveries({ ...rest, suite: rest.chain.suite, store }),
  };
}
