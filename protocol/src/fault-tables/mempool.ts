import type { FaultTable } from "./fault-table.ts";

/** What the mempool has no room for. */
export const mempoolFaults = {
  MEMPOOL_FULL: {
    status: 503,
    en: "The mempool is full; keep the transaction and send it again later.",
    zh: "内存池已满；请保留交易稍后重发。",
  },
  MEMPOOL_SENDER_LIMIT: {
    status: 429,
    en: "Too many transactions of this sender are waiting; wait for their receipts.",
    zh: "该发送者等待中的交易过多；请等待回执。",
  },
} as const satisfies FaultTable;
