import { CborWriter } from "../cbor/writer.ts";
import type { Hash } from "../crypto/suite.ts";

/** Kinds of logs, guide §4.5.1 a) to f). */
export type AuditCategory = "platform" | "application" | "user" | "node" | "data" | "supervision";

/** A line of a hub's audit log. `before` and `after` are JSON, hashed as the text that they are. */
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

export type AuditContent = Omit<AuditRecord, "sequence" | "hash">;

/** Before the first line. */
export const FIRST_HASH: Uint8Array = new Uint8Array(32);

/** Bytes of a line's tag. With the salt unknown to whoever has to find a second line for it, it is enough to name one. */
export const TAG_BYTES = 8;

/** Hash of the record and of the hash before it: no event can be changed or taken out unseen (guide §4.5.1). */
export function auditHash(
  hash: Hash,
  previousHash: Uint8Array,
  record: Omit<AuditRecord, "hash">,
): Uint8Array {
  const writer = new CborWriter(512).array(11).bytes(previousHash).uint(record.sequence);
  return hash(writeContent(writer, record).finish());
}

/** What an anchor says of one line: its content under the anchor's salt, wherever in the log it stands. */
export function lineTag(hash: Hash, salt: Uint8Array, content: AuditContent): Uint8Array {
  const writer = new CborWriter(512).array(11).text("gridledger-audit-line").bytes(salt);
  return hash(writeContent(writer, content).finish()).slice(0, TAG_BYTES);
}

function writeContent(writer: CborWriter, content: AuditContent): CborWriter {
  writer.uint(content.timeMs).text(content.category).text(content.actor);
  writer.text(content.action).text(content.target).text(content.result);
  for (const state of [content.before, content.after]) {
    if (state === null) writer.null();
    else writer.text(state);
  }
  return writer.text(content.detail);
}
