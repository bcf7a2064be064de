import { CborWriter } from "@gridledger/protocol/cbor/writer";
import type { Hash } from "@gridledger/protocol/crypto/suite";

/** Kinds of logs, guide §4.5.1 a) to f). */
export type AuditCategory = "platform" | "application" | "user" | "node" | "data" | "supervision";

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

/** An event as it is kept. `before` and `after` are JSON, hashed as the text that they are. */
export interface AuditRecord {
  /** 1, 2, 3 … */
  readonly sequence: number;
  readonly timeMs: number;
  readonly category: AuditCategory;
  readonly actor: string;
  readonly action: string;
  readonly target: string;
  readonly result: "done" | "refused";
  readonly before: string | null;
  readonly after: string | null;
  readonly detail: string;
  readonly hash: Uint8Array;
}

/** Hash of the record and of the hash before it: no event can be changed or taken out unseen (guide §4.5.1). */
export function auditHash(
  hash: Hash,
  previousHash: Uint8Array,
  record: Omit<AuditRecord, "hash">,
): Uint8Array {
  const writer = new CborWriter(512).array(11).bytes(previousHash);
  writer.uint(record.sequence).uint(record.timeMs).text(record.category).text(record.actor);
  writer.text(record.action).text(record.target).text(record.result);
  for (const state of [record.before, record.after]) {
    if (state === null) writer.null();
    else writer.text(state);
  }
  return hash(writer.text(record.detail).finish());
}

/** Before the first event. */
export const FIRST_HASH: Uint8Array = new Uint8Array(32);
