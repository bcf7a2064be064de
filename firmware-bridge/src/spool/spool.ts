import { asFault, Fault } from "@gridledger/protocol/faults";
import type { Register } from "../metering/readout.ts";
import type { Database } from "./database.ts";
import { openSpoolFile, type SpoolOwner } from "./schema.ts";
import { mergeWrites, type Write } from "./writes.ts";

/** What a row costs beyond its bytes, about. */
const ROW_BYTES = 96;
const MAX_GROUP = 4_096;
const MAX_SIGNED_OF_BATCH = 16;

/** A reading as spooled. */
export interface SpooledReading {
  readonly id: number;
  readonly meter: string;
  readonly atMs: number;
  readonly registers: readonly Register[];
  /** The registers as stored; equal for equal values. */
  readonly body: string;
}

/** Where a meter's batches stand. */
interface MeterHead {
  readonly meter: string;
  /** Of the last batch sealed; 0 for none. */
  readonly sequence: number;
  readonly payloadHash: Uint8Array;
  readonly last: { readonly atMs: number; readonly registers: readonly Register[] };
}

export interface SealedBatch {
  readonly meter: string;
  readonly sequence: number;
  readonly payload: Uint8Array;
}

export interface SignedBatch {
  readonly meter: string;
  readonly sequence: number;
  readonly hash: Uint8Array;
  readonly validUntilHeight: number;
  readonly encoded: Uint8Array;
}

interface Work {
  readonly writes: readonly Write[];
  readonly bytes: number;
  readonly resolve: () => void;
  readonly reject: (fault: Fault) => void;
}

/**
 * The bridge's memory on disk: readings until they are in a batch, batches until a receipt proves
 * them final. What is asked for in the meantime goes into one commit, so a fsync serves many.
 */
export class Spool {
  readonly #file: string;
  readonly #database: Database;
  readonly #maxBytes: number;
  #queue: Work[] = [];
  #running: Promise<void> | undefined;
  #usedBytes: number;
  #queuedBytes = 0;
  #nextReadingId: number;
  #refusedFull = 0;
  #commits = 0;

  private constructor(
    file: string,
    database: Database,
    maxBytes: number,
    found: { usedBytes: number; lastReadingId: number },
  ) {
    this.#file = file;
    this.#database = database;
    this.#maxBytes = maxBytes;
    this.#usedBytes = found.usedBytes;
    this.#nextReadingId = found.lastReadingId + 1;
  }

  /** @throws Fault SPOOL_CORRUPT, SPOOL_LOCKED, CHAIN_MISMATCH */
  static async open(file: string, owner: SpoolOwner, maxBytes: number): Promise<Spool> {
    const database = await openSpoolFile(file, owner);
    const [found] = await database.all<{ usedBytes: number; lastReadingId: number }>(`
      SELECT COALESCE(MAX(id), 0) AS lastReadingId,
        (SELECT COALESCE(SUM(LENGTH(body) + ${ROW_BYTES}), 0) FROM readings)
        + (SELECT COALESCE(SUM(LENGTH(payload) + ${ROW_BYTES}), 0) FROM batches)
        + (SELECT COALESCE(SUM(LENGTH(encoded) + ${ROW_BYTES}), 0) FROM transactions) AS usedBytes
      FROM readings`);
    return new Spool(file, database, maxBytes, found ?? { usedBytes: 0, lastReadingId: 0 });
  }

  get counters() {
    return {
      usedBytes: this.#usedBytes,
      maxBytes: this.#maxBytes,
      refusedFull: this.#refusedFull,
      commits: this.#commits,
    };
  }

  /** Durable when the promise resolves. @throws Fault SPOOL_FULL, SPOOL_FAILED */
  async append(
    meter: string,
    atMs: number,
    registers: readonly Register[],
  ): Promise<SpooledReading> {
    const body = JSON.stringify(registers.map((r) => [r.obis, r.unit, r.scaler, r.value]));
    const bytes = body.length + ROW_BYTES;
    // A reading that is refused is said to be; sealing and receipts may still go above the cap a little.
    if (this.#usedBytes + this.#queuedBytes + bytes > this.#maxBytes) {
      this.#refusedFull++;
      throw new Fault("SPOOL_FULL", `${this.#file} holds ${this.#usedBytes} bytes`, {
        data: { file: this.#file, maxBytes: this.#maxBytes },
      });
    }
    const id = this.#nextReadingId++;
    await this.#commit([{ kind: "reading", values: [id, meter, atMs, body] }], bytes);
    return { id, meter, atMs, registers, body };
  }

  /** Fixes a batch's content for good and frees its readings, in one commit. */
  seal(
    batch: SealedBatch,
    payloadHash: Uint8Array,
    readings: readonly SpooledReading[],
  ): Promise<void> {
    const { meter, sequence, payload } = batch;
    const last = readings.at(-1)!;
    const freed = readings.reduce((sum, { body }) => sum + body.length + ROW_BYTES, 0);
    const writes: Write[] = [
      { kind: "batch", values: [meter, sequence, payload] },
      { kind: "meter", values: [meter, sequence, payloadHash, last.atMs, last.body] },
      ...readings.map(({ id }): Write => ({ kind: "freeReading", values: [id] })),
    ];
    return this.#commit(writes, payload.length + ROW_BYTES - freed);
  }

  /** Kept before it is sent: its receipt must be recognised whatever happens in between. */
  saveSigned(signed: readonly SignedBatch[]): Promise<void> {
    const writes = signed.map(
      ({ hash, meter, sequence, validUntilHeight, encoded }): Write => ({
        kind: "signed",
        values: [hash, meter, sequence, validUntilHeight, encoded],
      }),
    );
    const bytes = signed.reduce((sum, { encoded }) => sum + encoded.length + ROW_BYTES, 0);
    return this.#commit(writes, bytes);
  }

  /** Batches of the meter up to this one are final at this height; they need not be kept. */
  async retire(meter: string, sequence: number, height: number): Promise<void> {
    const where = "WHERE meter = ? AND sequence <= ?";
    const [freed] = await this.#database.all<{ bytes: number }>(
      `SELECT (SELECT COALESCE(SUM(LENGTH(payload) + ${ROW_BYTES}), 0) FROM batches ${where})
        + (SELECT COALESCE(SUM(LENGTH(encoded) + ${ROW_BYTES}), 0) FROM transactions ${where}) AS bytes`,
      [meter, sequence, meter, sequence],
    );
    const values = [meter, sequence];
    await this.#commit(
      [
        { kind: "freeBatches", values },
        { kind: "freeSigned", values },
        { kind: "height", values: [String(height)] },
      ],
      -(freed?.bytes ?? 0),
    );
  }

  /** Height of the last receipt; 0 for none. */
  async lastHeight(): Promise<number> {
    const rows = await this.#database.all<{ value: string }>(
      "SELECT value FROM meta WHERE name = 'height'",
    );
    return Number(rows[0]?.value ?? 0);
  }

  async meterHeads(): Promise<MeterHead[]> {
    const rows = await this.#database.all<{
      meter: string;
      sequence: number;
      payloadHash: Uint8Array;
      atMs: number;
      body: string;
    }>(
      `SELECT meter, sequence, payload_hash AS payloadHash, last_at_ms AS atMs, last_body AS body
       FROM meters`,
    );
    return rows.map(({ meter, sequence, payloadHash, atMs, body }) => {
      const last = { atMs, registers: parseBody(this.#file, body) };
      return { meter, sequence, payloadHash, last };
    });
  }

  /** Readings that are in no batch yet, oldest first. */
  async openReadings(): Promise<SpooledReading[]> {
    const rows = await this.#database.all<{
      id: number;
      meter: string;
      atMs: number;
      body: string;
    }>("SELECT id, meter, at_ms AS atMs, body FROM readings ORDER BY id");
    return rows.map((row) => ({ ...row, registers: parseBody(this.#file, row.body) }));
  }

  /** First and last sequence of the batches that wait for a receipt, by meter. */
  pendingRanges(): Promise<{ meter: string; first: number; last: number }[]> {
    return this.#database.all(
      "SELECT meter, MIN(sequence) AS first, MAX(sequence) AS last FROM batches GROUP BY meter",
    );
  }

  pendingBatches(meter: string, from: number, limit: number): Promise<SealedBatch[]> {
    return this.#database.all(
      "SELECT meter, sequence, payload FROM batches WHERE meter = ? AND sequence >= ? ORDER BY sequence LIMIT ?",
      [meter, from, limit],
    );
  }

  /** Transactions signed for the batch, the one that is valid longest first; a few of them. */
  signedOf(meter: string, sequence: number): Promise<SignedBatch[]> {
    return this.#database.all(
      `SELECT meter, sequence, hash, valid_until_height AS validUntilHeight, encoded FROM transactions
       WHERE meter = ? AND sequence = ? ORDER BY valid_until_height DESC LIMIT ${MAX_SIGNED_OF_BATCH}`,
      [meter, sequence],
    );
  }

  /** The batch that a transaction carries, of all that were ever signed for it. */
  async batchOf(txHash: Uint8Array): Promise<{ meter: string; sequence: number } | undefined> {
    const rows = await this.#database.all<{ meter: string; sequence: number }>(
      "SELECT meter, sequence FROM transactions WHERE hash = ?",
      [txHash],
    );
    return rows[0];
  }

  async close(): Promise<void> {
    while (this.#running !== undefined) await this.#running;
    await this.#database.close();
  }

  #commit(writes: readonly Write[], bytes: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#queuedBytes += bytes;
      this.#queue.push({ writes, bytes, resolve, reject });
      this.#running ??= this.#commitAll();
    });
  }

  async #commitAll(): Promise<void> {
    // One turn later, so that everything asked for in this turn is in the first commit.
    await new Promise((resolve) => setImmediate(resolve));
    while (this.#queue.length > 0) {
      const group = this.#queue.splice(0, MAX_GROUP);
      try {
        await this.#database.transaction(mergeWrites(group.flatMap(({ writes }) => writes)));
        this.#commits++;
        for (const { bytes, resolve } of group) {
          this.#usedBytes += bytes;
          resolve();
        }
      } catch (thrown) {
        const fault = asFault(thrown, "SPOOL_FAILED");
        if (fault.code === "SPOOL_FULL") this.#refusedFull++;
        for (const { reject } of group) reject(fault);
      }
      for (const { bytes } of group) this.#queuedBytes -= bytes;
    }
    // In the same turn as the last look at the queue: what comes later starts a new run.
    this.#running = undefined;
  }
}

function parseBody(file: string, body: string): Register[] {
  try {
    const rows = JSON.parse(body) as [string, string, number, number | null][];
    return rows.map(([obis, unit, scaler, value]) => ({ obis, unit, scaler, value }));
  } catch (cause) {
    throw new Fault("SPOOL_CORRUPT", `${file}: a reading is not JSON`, { data: { file }, cause });
  }
}
