import type { AuditCategory } from "@gridledger/protocol/audit/audit-record";

/** Who did what to whom, and how it was before and after. Holds no secret. */
export interface AuditEvent {
  readonly category: AuditCategory;
  /** User name, `key:<id>`, or "hub" for what it did by itself. */
  readonly actor: string;
  /** As `user.add`. */
  readonly action: string;
  readonly target: string;
  readonly result: "done" | "refused";
  readonly before?: object | undefined;
  readonly after?: object | undefined;
  readonly detail?: string | undefined;
}
