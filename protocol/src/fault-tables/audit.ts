import type { FaultTable } from "./fault-table.ts";

/** The audit log of a hub, and its anchors (guide §4.5.1). */
export const auditFaults = {
  AUDIT_SEQUENCE: {
    status: 409,
    en: "The anchor does not follow the last one of this log; verify the log with `gridledger audit verify`.",
    zh: "该锚定与此日志的上一个锚定不衔接；请用 gridledger audit verify 核验日志。",
  },
} as const satisfies FaultTable;
