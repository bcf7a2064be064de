import { randomBytes } from "node:crypto";
import { type FileHandle, mkdir, open, readdir, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { Fault } from "@gridledger/protocol/faults";
import { type BodiesOf, encodeGroup } from "../consensus/poa/wal-records.ts";
import type { WalRecord } from "../consensus/ports.ts";
import { encodeFrame, encodeSegmentHead, SALT_BYTES, SEGMENT_HEAD_BYTES } from "./wal-frames.ts";
import { type ReadWal, readWal } from "./wal-reader.ts";

const SEGMENT = /^wal-(\d{8})$/;
const DEFAULT_SEGMENT_BYTES = 4_194_304;

interface WalFileOptions {
  /** A checkpoint starts a new segment once the current one is larger than this. */
  readonly segmentBytes?: number;
}

interface Segment {
  readonly number: number;
  readonly salt: Uint8Array;
  readonly file: FileHandle;
  bytes: number;
}

/**
 * The consensus write-ahead log in a folder: `wal-00000001`, `wal-00000002`, … Every group of records is
 * one frame and one fdatasync. The newest two segments are kept, which always hold the last two heights.
 */
export class WalFile {
  readonly #folder: string;
  readonly #segmentBytes: number;
  #segment: Segment | undefined;

  constructor(folder: string, options: WalFileOptions = {}) {
    this.#folder = join(folder, "consensus");
    this.#segmentBytes = options.segmentBytes ?? DEFAULT_SEGMENT_BYTES;
  }

  /**
   * Reads what is there, cuts a torn tail, and sets a damaged log aside as `*.damaged`.
   *
   * @throws Fault STORE_CORRUPT when the folder cannot be used
   */
  async open(): Promise<Pick<ReadWal, "wal" | "records" | "bodies">> {
    try {
      await mkdir(this.#folder, { recursive: true, mode: 0o700 });
      return await this.#read();
    } catch (cause) {
      throw new Fault("STORE_CORRUPT", `the consensus log in ${this.#folder}`, { cause });
    }
  }

  /** Resolves when the records are on the disk. After an error nothing is written any more. */
  async append(records: readonly WalRecord[], bodiesOf: BodiesOf): Promise<void> {
    const segment = this.#segment;
    if (segment === undefined) throw new Fault("STORE_CORRUPT", "the consensus log is not open");
    // Until it is synced the end of the file is unknown: an error leaves the log closed.
    this.#segment = undefined;
    const frame = encodeFrame(segment.salt, encodeGroup(records, bodiesOf));
    await writeAll(segment.file, frame, segment.bytes);
    await segment.file.datasync();
    segment.bytes += frame.length;
    this.#segment = segment;
  }

  /** Starts a new segment with these records when the current one is full. */
  async checkpoint(records: readonly WalRecord[], bodiesOf: BodiesOf): Promise<void> {
    const old = this.#segment;
    if (old === undefined) throw new Fault("STORE_CORRUPT", "the consensus log is not open");
    if (old.bytes < this.#segmentBytes) return;
    this.#segment = undefined;
    this.#segment = await this.#create(old.number + 1, encodeGroup(records, bodiesOf));
    await old.file.close();
    for (const number of await this.#numbers()) {
      if (number < old.number) await rm(this.#path(number));
    }
  }

  async close(): Promise<void> {
    const segment = this.#segment;
    this.#segment = undefined;
    await segment?.file.close();
  }

  async #read(): Promise<Pick<ReadWal, "wal" | "records" | "bodies">> {
    const numbers = await this.#numbers();
    const contents: Uint8Array[] = [];
    for (const number of numbers) contents.push(await readFile(this.#path(number)));
    // A segment that never got its head was never written to.
    while (contents.length > 0 && contents.at(-1)!.length < SEGMENT_HEAD_BYTES) {
      contents.pop();
      await rm(this.#path(numbers.pop()!));
    }
    const { wal, records, bodies, last } = readWal(contents);
    const newest = numbers.at(-1) ?? 0;
    if (wal !== "damaged" && last !== undefined) {
      await this.#continue(newest, last);
      return { wal, records, bodies };
    }
    await this.#dropDamaged();
    for (const number of numbers) await rename(this.#path(number), `${this.#path(number)}.damaged`);
    this.#segment = await this.#create(newest + 1);
    return { wal, records, bodies };
  }

  /** Only the last damaged log is kept for whoever wants to look: a bad disk must not fill itself. */
  async #dropDamaged(): Promise<void> {
    for (const name of await readdir(this.#folder)) {
      if (name.endsWith(".damaged")) await rm(join(this.#folder, name));
    }
  }

  async #continue(number: number, last: NonNullable<ReadWal["last"]>): Promise<void> {
    const file = await open(this.#path(number), "r+");
    await file.truncate(last.goodBytes);
    await file.sync();
    this.#segment = { number, salt: last.salt, file, bytes: last.goodBytes };
  }

  async #create(number: number, firstGroup?: Uint8Array): Promise<Segment> {
    const salt = randomBytes(SALT_BYTES);
    const file = await open(this.#path(number), "wx", 0o600);
    const head = encodeSegmentHead(salt);
    const frame = firstGroup === undefined ? new Uint8Array() : encodeFrame(salt, firstGroup);
    const content = Buffer.concat([head, frame]);
    await writeAll(file, content, 0);
    await file.sync();
    await syncFolder(this.#folder);
    return { number, salt, file, bytes: content.length };
  }

  async #numbers(): Promise<number[]> {
    const names = await readdir(this.#folder);
    const numbers = names.flatMap((name) => SEGMENT.exec(name)?.[1] ?? []);
    return numbers.map(Number).sort((a, b) => a - b);
  }

  #path(number: number): string {
    return join(this.#folder, `wal-${String(number).padStart(8, "0")}`);
  }
}

async function writeAll(file: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let at = 0; at < bytes.length; ) {
    const { bytesWritten } = await file.write(bytes, at, bytes.length - at, position + at);
    at += bytesWritten;
  }
}

/** A new name is durable only when its folder is (cometbft#6031). */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
