import type { Chain } from "@gridledger/protocol/ledger/genesis";
import type { Role } from "@gridledger/protocol/ledger/roles";
import type { Transaction } from "@gridledger/protocol/ledger/transaction";
import type { AuditLog } from "../logs/audit-log.ts";
import type { OutboxEntry } from "../outbox/outbox-table.ts";
import type { KeptKeyTable } from "./tables/kept-key-table.ts";
import type { NoticeTable } from "./tables/notice-table.ts";
import type { RecoveryRequestTable } from "./tables/recovery-request-table.ts";
import type { RecoveryStore } from "./tables/recovery-store.ts";

/** Where a transaction is after it was handed in. */
export interface Submitted {
  readonly hash: string;
  readonly state: "final" | "spooled";
  readonly height: number | null;
}

/** What the chain says, as far as the hub has followed it. */
export interface ChainView {
  readonly chain: Chain;
  readonly findIdentity: (id: string) => { readonly name: string; readonly role: Role } | undefined;
  readonly finalHeight: (txHash: Uint8Array) => Promise<number | undefined>;
  /** A transaction that is not final. */
  readonly findSpooled: (txHash: Uint8Array) => Promise<OutboxEntry | undefined>;
}

/** What the desks of key recovery work with. */
export interface RecoveryDeps extends ChainView {
  readonly store: RecoveryStore;
  readonly keys: KeptKeyTable;
  readonly requests: RecoveryRequestTable;
  readonly notices: NoticeTable;
  readonly audit: Pick<AuditLog, "append" | "record">;
  /** Shape, sender and signature. @throws Fault what a validator would say */
  readonly checkSubmission: (encoded: Uint8Array) => Transaction;
  readonly submit: (encoded: Uint8Array, waitMs: number) => Promise<Submitted>;
  readonly now: () => number;
}
