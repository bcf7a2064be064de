import type { KeyRing } from "@gridledger/protocol/keys/key-ring";
import type { Chain } from "@gridledger/protocol/ledger/genesis";
import type { Clock } from "../clock.ts";
import type { ChainIndex } from "../index/chain-index.ts";
import type { Log } from "../log.ts";
import type { AuditLog } from "../logs/audit-log.ts";
import type { Outbox } from "../outbox/outbox.ts";
import type { Store } from "../store/store.ts";
import { AuditAnchorTable } from "./audit-anchor-table.ts";
import { AuditAnchoring } from "./audit-anchoring.ts";

interface Rooms {
  readonly chain: Chain;
  readonly keys: KeyRing;
  readonly store: Store;
  readonly index: ChainIndex;
  readonly outbox: Outbox;
  readonly audit: AuditLog;
  readonly clock: Clock;
  readonly log: Log;
}

/** The anchoring of the audit log as the hub runs it. */
export function startAuditAnchoring({ store, index, outbox, ...rooms }: Rooms): AuditAnchoring {
  const anchoring = new AuditAnchoring({
    ...rooms,
    table: new AuditAnchorTable(store),
    headHeight: () => index.head.height,
    submit: (encoded, waitMs) => outbox.submit(encoded, waitMs),
    finalHeight: (txHash) => index.transactions.heightOf(txHash),
    blockTimeMs: async (height) => (await index.blocks.byHeight(height))?.header.timeMs,
  });
  anchoring.start();
  return anchoring;
}
