import { crc32 } from "node:zlib";
import { Fault } from "@gridledger/protocol/faults";
import { type Blocks, decodeBlocks } from "@gridledger/protocol/messages/blocks";
import { BlockAssembly } from "./block-assembly.ts";
import type { Range } from "./range-window.ts";

const SILENCE_MS = 5_000;
/** Over its whole time an answer must come faster than this: parts without end are no answer. */
const MIN_BYTES_PER_MS = 16;

interface BlockRequestOptions {
  readonly peer: string;
  readonly range: Range;
  readonly maxBlockBytes: number;
  /** Monotonic time in ms. */
  readonly startedMs: number;
  /** Fingerprints of what this peer answered to earlier requests. */
  readonly seen: ReadonlySet<number>;
}

/** One question to one peer, and what has come of the answer. */
export class BlockRequest {
  readonly peer: string;
  readonly range: Range;
  readonly startedMs: number;
  readonly #assembly: BlockAssembly;
  readonly #seen: ReadonlySet<number>;
  readonly fingerprints: number[] = [];
  bytes = 0;
  timer: NodeJS.Timeout | undefined;

  constructor({ peer, range, maxBlockBytes, startedMs, seen }: BlockRequestOptions) {
    this.peer = peer;
    this.range = range;
    this.startedMs = startedMs;
    this.#assembly = new BlockAssembly(maxBlockBytes);
    this.#seen = seen;
  }

  /** The answer when it is whole; undefined while more is to come. @throws Fault CBOR_* */
  add(encoded: Uint8Array): Blocks | undefined {
    const fingerprint = crc32(encoded);
    // With several brokers a late copy of the last answer is no answer to this question.
    if (this.#seen.has(fingerprint)) return undefined;
    this.fingerprints.push(fingerprint);
    this.bytes += encoded.length;
    const answer = decodeBlocks(encoded);
    const blocks = this.#assembly.add(answer);
    return blocks === undefined ? undefined : { ...answer, blocks };
  }

  /** How long the next part may take, in ms. */
  patienceMs(nowMs: number): number {
    const endMs = this.startedMs + SILENCE_MS + this.bytes / MIN_BYTES_PER_MS;
    return Math.max(0, Math.min(SILENCE_MS, endMs - nowMs));
  }

  /** What it is when nothing more came in that time. */
  get lateness(): Fault {
    return this.bytes === 0
      ? new Fault("NOT_READY", "no answer")
      : new Fault("SYNC_TRICKLE", `${this.bytes} bytes of an answer without an end`);
  }
}
