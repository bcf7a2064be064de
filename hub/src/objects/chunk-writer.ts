import { Fault } from "@gridledger/protocol/faults";
import { formatHex } from "@gridledger/protocol/hex";
import type { Knex } from "knex";
import { blob } from "../store/blob.ts";
import { insertRows } from "../store/insert-rows.ts";

/** In one transaction: more of them do not make the disk's answer cheaper. */
const GROUP_BYTES = 2_097_152;

interface NewChunk {
  readonly root: Uint8Array;
  readonly index: number;
  readonly bytes: Uint8Array;
  readonly nowMs: number;
}

interface WaitingChunk extends NewChunk {
  readonly done: () => void;
  readonly failed: (reason: unknown) => void;
}

type InTransaction = (work: (db: Knex) => Promise<void>) => Promise<void>;

/** Puts chunks on the disk: those that come while it writes go together with the next write. */
export class ChunkWriter {
  readonly #inTransaction: InTransaction;
  #waiting: WaitingChunk[] = [];
  #isWriting = false;

  constructor(inTransaction: InTransaction) {
    this.#inTransaction = inTransaction;
  }

  /** Durable when it has returned. @throws Fault OBJECT_UNKNOWN unless its upload was begun and is there */
  put(chunk: NewChunk): Promise<void> {
    return new Promise((done, failed) => {
      this.#waiting.push({ ...chunk, done, failed });
      if (!this.#isWriting) void this.#write();
    });
  }

  async #write(): Promise<void> {
    this.#isWriting = true;
    while (this.#waiting.length > 0) {
      const group = this.#nextGroup();
      const gone = new Set<string>();
      try {
        await this.#inTransaction((db) => writeGroup(db, group, gone));
        for (const { root, done, failed } of group) {
          const hex = formatHex(root);
          if (gone.has(hex)) failed(new Fault("OBJECT_UNKNOWN", `${hex} is not here any more`));
          else done();
        }
      } catch (thrown) {
        for (const { failed } of group) failed(thrown);
      }
    }
    this.#isWriting = false;
  }

  #nextGroup(): WaitingChunk[] {
    let bytes = 0;
    let count = 0;
    while (count < this.#waiting.length && bytes < GROUP_BYTES) {
      bytes += this.#waiting[count++]!.bytes.length;
    }
    return this.#waiting.splice(0, count);
  }
}

/** Nothing is kept of a payload that was erased while its chunks were on their way; `gone` names it. */
async function writeGroup(db: Knex, group: readonly NewChunk[], gone: Set<string>): Promise<void> {
  const latest = new Map(group.map(({ root, nowMs }) => [formatHex(root), { root, nowMs }]));
  for (const [hex, { root, nowMs }] of latest) {
    const key = { root: blob(root) };
    const touched = await db("payloads").where(key).update({ touched_ms: nowMs });
    if (touched === 0) gone.add(hex);
  }
  const rows = group
    .filter(({ root }) => !gone.has(formatHex(root)))
    .map(({ root, index, bytes }) => [blob(root), index, blob(bytes)]);
  await insertRows(
    db,
    {
      table: "chunks",
      columns: ["root", "number", "bytes"],
      onConflict: "on conflict (root, number) do update set bytes = excluded.bytes",
    },
    rows,
  );
}
