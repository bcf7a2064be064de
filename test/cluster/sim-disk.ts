import { type BodiesOf, encodeGroup } from "../../edge-node/src/consensus/poa/wal-records.ts";
import type { WalRecord } from "../../edge-node/src/consensus/ports.ts";
import {
  encodeFrame,
  encodeSegmentHead,
  SEGMENT_HEAD_BYTES,
} from "../../edge-node/src/store/wal-frames.ts";
import { type ReadWal, readWal } from "../../edge-node/src/store/wal-reader.ts";
import type { Prng } from "./prng.ts";

const FRAMES_PER_SEGMENT = 12;

interface Segment {
  readonly salt: Uint8Array;
  /** The head, then one frame after the other. */
  readonly parts: Uint8Array[];
  /** Its name is durable: the folder was synced after it was made. */
  isNamed: boolean;
}

/** How a disk may lie; an honest one does none of it. */
export interface DiskFlaws {
  /** A sync returns before anything is durable: the last frames go with the power. */
  readonly forgetsSynced?: boolean;
  /** A new segment's folder is never synced: the segment goes with the power (cometbft#6031). */
  readonly forgetsNames?: boolean;
}

/** The production framing over memory that forgets what was not synced. */
export class SimDisk {
  readonly #prng: Prng;
  readonly #flaws: DiskFlaws;
  #segments: Segment[] = [];
  #unsynced: Uint8Array | undefined;
  #unsyncedSegment: Segment | undefined;
  #made = 0;
  /** No space left, or an error of the device: nothing becomes durable. */
  isFailing = false;
  /** Durable frames that this disk lost all the same. */
  lostFrames = 0;

  constructor(prng: Prng, flaws: DiskFlaws = {}) {
    this.#prng = prng;
    this.#flaws = flaws;
    this.#segments.push(this.#createSegment());
  }

  /** Written, not durable yet. */
  write(records: readonly WalRecord[], bodiesOf: BodiesOf): void {
    this.#unsynced = encodeFrame(this.#last.salt, encodeGroup(records, bodiesOf));
  }

  /** False when it failed: what is on the disk then is anybody's guess. */
  sync(): boolean {
    if (this.isFailing) return false;
    if (this.#unsynced !== undefined) this.#last.parts.push(this.#unsynced);
    if (this.#unsyncedSegment !== undefined) {
      this.#segments = [this.#last, this.#unsyncedSegment];
    }
    this.#unsynced = undefined;
    this.#unsyncedSegment = undefined;
    return true;
  }

  get wantsCheckpoint(): boolean {
    return this.#last.parts.length > FRAMES_PER_SEGMENT;
  }

  /** Writes a new segment that begins with these records; durable with the next `sync`. */
  writeSegment(records: readonly WalRecord[], bodiesOf: BodiesOf): void {
    const segment = this.#createSegment();
    segment.parts.push(encodeFrame(segment.salt, encodeGroup(records, bodiesOf)));
    this.#unsyncedSegment = segment;
  }

  /** Of what was not synced nothing, a part, or all is there after; true when there was any. */
  losePower(): boolean {
    const frame = this.#unsynced;
    const segment = this.#unsyncedSegment;
    this.#unsynced = undefined;
    this.#unsyncedSegment = undefined;
    this.#forget();
    if (segment !== undefined) this.#tearSegment(segment);
    if (frame !== undefined) this.#last.parts.push(...this.#torn(frame));
    return frame !== undefined || segment !== undefined;
  }

  wipe(): void {
    this.#unsynced = undefined;
    this.#unsyncedSegment = undefined;
    this.#segments = [];
  }

  /** Flips one bit in a frame that is not the last; false when there is none. */
  damage(): boolean {
    const frames = this.#segments.flatMap(({ parts }) => parts.slice(1));
    const frame = frames.at(-2);
    if (frame === undefined || frames.length < 3) return false;
    frame[this.#prng.below(frame.length)]! ^= 1 << this.#prng.below(8);
    return true;
  }

  open(): ReadWal {
    // A segment that never got its head was never written to.
    this.#segments = this.#segments.filter((segment, i, { length }) => {
      return i < length - 1 || toBytes(segment).length >= SEGMENT_HEAD_BYTES;
    });
    const read = readWal(this.#segments.map(toBytes));
    const { last } = read;
    if (read.wal !== "damaged" && last !== undefined) {
      const content = toBytes(this.#last).subarray(0, last.goodBytes);
      const head = content.subarray(0, SEGMENT_HEAD_BYTES);
      const frames = content.subarray(SEGMENT_HEAD_BYTES);
      this.#last.parts.length = 0;
      this.#last.parts.push(head, ...(frames.length > 0 ? [frames] : []));
    } else {
      this.#segments = [this.#createSegment()];
    }
    return read;
  }

  get #last(): Segment {
    const last = this.#segments.at(-1);
    if (last === undefined) throw new Error("the disk has no segment");
    return last;
  }

  /** What a lying disk loses although it was synced. */
  #forget(): void {
    if (this.#flaws.forgetsNames && this.#segments.length > 1) {
      this.#segments = this.#segments.filter(({ isNamed }) => isNamed);
    }
    if (!this.#flaws.forgetsSynced) return;
    const { parts } = this.#last;
    const kept = Math.max(1, parts.length - this.#prng.below(4));
    this.lostFrames += parts.length - kept;
    parts.length = kept;
  }

  #tearSegment(segment: Segment): void {
    const bytes = toBytes(segment);
    const kept = this.#torn(bytes);
    if (kept.length === 0) return;
    segment.parts.length = 0;
    segment.parts.push(...kept);
    this.#segments.push(segment);
  }

  #torn(bytes: Uint8Array): Uint8Array[] {
    const kept = this.#prng.pick([0, bytes.length, this.#prng.below(bytes.length)]);
    if (kept === 0) return [];
    const torn = Uint8Array.from(bytes.subarray(0, kept));
    // A torn sector may hold anything.
    if (kept < bytes.length && this.#prng.chance(0.5)) torn[kept - 1]! ^= 0x55;
    return [torn];
  }

  #createSegment(): Segment {
    this.#made++;
    const salt = new Uint8Array(8).fill(this.#made);
    const isNamed = this.#made === 1 || !this.#flaws.forgetsNames;
    return { salt, parts: [encodeSegmentHead(salt)], isNamed };
  }
}

function toBytes({ parts }: Segment): Uint8Array {
  return Buffer.concat(parts);
}
