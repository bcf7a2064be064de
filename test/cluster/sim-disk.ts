import { type BodiesOf, encodeGroup } from "../../edge-node/src/consensus/poa/wal-records.ts";
import type { WalRecord } from "../../edge-node/src/consensus/ports.ts";
import { encodeFrame, encodeSegmentHead } from "../../edge-node/src/store/wal-frames.ts";
import { type ReadWal, readWal } from "../../edge-node/src/store/wal-reader.ts";
import type { Prng } from "./prng.ts";

const FRAMES_PER_SEGMENT = 12;

interface Segment {
  readonly salt: Uint8Array;
  readonly parts: Uint8Array[];
}

/** The production framing over memory that forgets what was not synced. */
export class SimDisk {
  readonly #prng: Prng;
  #segments: Segment[] = [];
  #unsynced: Uint8Array | undefined;

  constructor(prng: Prng) {
    this.#prng = prng;
    this.#start(1);
  }

  /** Written, not durable yet. */
  write(records: readonly WalRecord[], bodiesOf: BodiesOf): void {
    this.#unsynced = encodeFrame(this.#last.salt, encodeGroup(records, bodiesOf));
  }

  sync(): void {
    if (this.#unsynced !== undefined) this.#last.parts.push(this.#unsynced);
    this.#unsynced = undefined;
  }

  checkpoint(records: readonly WalRecord[], bodiesOf: BodiesOf): void {
    if (this.#last.parts.length < FRAMES_PER_SEGMENT) return;
    this.#start(this.#segments.length + 1);
    this.#last.parts.push(encodeFrame(this.#last.salt, encodeGroup(records, bodiesOf)));
    this.#segments = this.#segments.slice(-2);
  }

  /** Of what was not synced nothing, a part, or all is there after; true when there was any. */
  losePower(): boolean {
    const frame = this.#unsynced;
    this.#unsynced = undefined;
    if (frame === undefined) return false;
    const kept = this.#prng.pick([0, frame.length, this.#prng.below(frame.length)]);
    if (kept === 0) return true;
    const torn = Uint8Array.from(frame.subarray(0, kept));
    // A torn sector may hold anything.
    if (kept < frame.length && this.#prng.chance(0.5)) torn[kept - 1]! ^= 0x55;
    this.#last.parts.push(torn);
    return true;
  }

  wipe(): void {
    this.#unsynced = undefined;
    this.#segments = [];
  }

  /** Flips one bit in a frame that is not the last; false when there is none. */
  damage(): boolean {
    const frames = this.#segments.flatMap(({ parts }) => parts);
    const frame = frames.at(-2);
    if (frame === undefined || frames.length < 3) return false;
    frame[this.#prng.below(frame.length)]! ^= 1 << this.#prng.below(8);
    return true;
  }

  open(): ReadWal {
    const read = readWal(this.#segments.map(toBytes));
    const { last } = read;
    if (read.wal !== "damaged" && last !== undefined) {
      const content = toBytes(this.#last).subarray(16, last.goodBytes);
      this.#last.parts.splice(0, Number.POSITIVE_INFINITY, content);
      if (content.length === 0) this.#last.parts.length = 0;
    } else {
      this.#segments = [];
      this.#start(1);
    }
    return read;
  }

  get #last(): Segment {
    const last = this.#segments.at(-1);
    if (last === undefined) throw new Error("the disk has no segment");
    return last;
  }

  #start(number: number): void {
    this.#segments.push({ salt: new Uint8Array(8).fill(number), parts: [] });
  }
}

function toBytes({ salt, parts }: Segment): Uint8Array {
  return Buffer.concat([encodeSegmentHead(salt), ...parts]);
}
