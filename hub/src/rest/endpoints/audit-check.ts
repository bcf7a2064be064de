import { formatHex } from "@gridledger/protocol/hex";
import type { AuditLog } from "../../logs/audit-log.ts";
import type { Endpoint } from "../endpoint.ts";

interface Deps {
  readonly audit: Pick<AuditLog, "check">;
}

export function auditCheck({ audit }: Deps): Endpoint<"auditCheck"> {
  return async () => {
    const { head, ...checked } = await audit.check();
    return { ...checked, head: head && formatHex(head) };
  };
}
