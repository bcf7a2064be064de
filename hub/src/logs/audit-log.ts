import {
  type AuditCategory,
  type AuditRecord,
  auditHash,
  FIRST_HASH,
} from "@gridledger/protocol/audit/audit-record";
import type { Hash } from "@gridledger/protocol/crypto/suite";
import { equalBytes } from "@gridledger/protocol/hex";
import type { Knex } from "knex";
import { blob } from "../store/blob.ts";
import type { AuditEvent } from "./audit-event.ts";

const CHECK_STEP = 1_000;

interface Row extends Omit<AuditRecord, "timeMs" | "hash"> {
  readonly time_ms: number;
  readonly hash: Buffer;
}

interface LogStore {
  readonly read: Knex;
  transaction<Answer>(work: (db: Knex) => Promise<Answer>): Promise<Answer>;
}

interface AuditLogDeps {
  readonly store: LogStore;
  readonly hash: Hash;
  readonly now: () => number;
}

export interface AuditQuery {
  readonly limit: number;
  /** Only events before this sequence number. */
  readonly before?: number | undefined;
  readonly category?: AuditCategory | undefined;
  readonly fromMs?: number | undefined;
  readonly toMs?: number | undefined;
  readonly actor?: string | undefined;
  readonly target?: string | undefined;
  /** Part of the action, the target, the detail, or what was before or after. */
  readonly text?: string | undefined;
}

export interface AuditCheck {
  readonly events: number;
  readonly brokenAt: number | null;
  readonly head: Uint8Array | null;
}

/** The log of what people did: only ever added to, each event bound to the one before (guide §4.5). */
export class AuditLog {
  readonly #deps: AuditLogDeps;

  constructor(deps: AuditLogDeps) {
    this.#deps = deps;
  }

  /** Within the transaction that does what the event tells: both are durable, or neither. */
  async append(db: Knex, event: AuditEvent): Promise<void> {
    const last: Row | undefined = await db("audit_events").orderBy("sequence", "desc").first();
    const { before, after, detail = "", ...told } = event;
    const record = {
      ...told,
      sequence: Number(last?.sequence ?? 0) + 1,
      timeMs: this.#deps.now(),
      before: before === undefined ? null : JSON.stringify(before),
      after: after === undefined ? null : JSON.stringify(after),
      detail,
    };
    const hash = auditHash(this.#deps.hash, last?.hash ?? FIRST_HASH, record);
    const { timeMs, ...columns } = record;
    await db("audit_events").insert({ ...columns, time_ms: timeMs, hash: blob(hash) });
  }

  /** For what changes nothing else, as a refusal. */
  async record(event: AuditEvent): Promise<void> {
    await this.#deps.store.transaction((db) => this.append(db, event));
  }

  /** Newest first. */
  async page(query: AuditQuery): Promise<AuditRecord[]> {
    const found = this.#deps.store.read("audit_events");
    const { before, category, fromMs, toMs, actor, target, text, limit } = query;
    if (before !== undefined) found.where("sequence", "<", before);
    if (category !== undefined) found.where({ category });
    if (fromMs !== undefined) found.where("time_ms", ">=", fromMs);
    if (toMs !== undefined) found.where("time_ms", "<=", toMs);
    if (actor !== undefined) found.where({ actor });
    if (target !== undefined) found.where({ target });
    if (text !== undefined) found.where((one) => holdsText(one, text));
    const rows: Row[] = await found.orderBy("sequence", "desc").limit(limit);
    return rows.map(openRow);
  }

  /** At most `limit` events after this sequence number, ascending. */
  async after(sequence: number, limit: number): Promise<AuditRecord[]> {
    const rows: Row[] = await this.#deps.store
      .read("audit_events")
      .where("sequence", ">", sequence)
      .orderBy("sequence")
      .limit(limit);
    return rows.map(openRow);
  }

  /** Computes every hash again. */
  async check(): Promise<AuditCheck> {
    let events = 0;
    let previous = FIRST_HASH;
    for (;;) {
      const records = await this.after(events, CHECK_STEP);
      for (const record of records) {
        events++;
        const right = auditHash(this.#deps.hash, previous, record);
        if (record.sequence !== events || !equalBytes(right, record.hash)) {
          return { events, brokenAt: events, head: null };
        }
        previous = record.hash;
      }
      if (records.length < CHECK_STEP) break;
    }
    return { events, brokenAt: null, head: events === 0 ? null : previous };
  }
}

function holdsText(query: Knex.QueryBuilder, text: string): void {
  const pattern = `%${text.replace(/[\\%_]/g, "\\$&")}%`;
  for (const column of ["action", "target", "detail", "before", "after"]) {
    query.orWhereRaw("?? like ? escape '\\'", [column, pattern]);
  }
}

function openRow({ time_ms, sequence, ...row }: Row): AuditRecord {
  return { ...row, sequence: Number(sequence), timeMs: Number(time_ms) };
}
