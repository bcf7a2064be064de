import { asFault, Fault } from "@gridledger/protocol/faults";
import { type Dlt645Frame, decodeFrame, MAX_DATA_BYTES, OVERHEAD_BYTES } from "./frame.ts";

const START = 0x68;
const STOP = 0x16;
const MAX_FRAME_BYTES = OVERHEAD_BYTES + MAX_DATA_BYTES;
const MAX_FAULTS_PER_CHUNK = 16;

type Candidate = Dlt645Frame | Fault | "incomplete" | "no frame";

/**
 * Cuts a byte stream into DL/T 645 frames. Wake-up bytes (FE, §5.1) and noise before a frame are
 * passed over. What looks like the head of a frame but is still incomplete does not hide a whole,
 * valid frame behind it, so one lost byte costs one frame and not two.
 */
export class FrameSplitter {
  #buffer: Uint8Array = new Uint8Array(0);

  /** The frames that end in this chunk, and a fault for each that is complete but wrong. */
  push(chunk: Uint8Array): (Dlt645Frame | Fault)[] {
    const found: (Dlt645Frame | Fault)[] = [];
    let faults = 0;
    // In slices, so that the buffer stays at two frames whatever comes in one chunk.
    for (let at = 0; at < chunk.length; at += MAX_FRAME_BYTES) {
      this.#buffer = Buffer.concat([this.#buffer, chunk.subarray(at, at + MAX_FRAME_BYTES)]);
      for (const item of this.#scan()) {
        if (!(item instanceof Fault) || faults++ < MAX_FAULTS_PER_CHUNK) found.push(item);
      }
    }
    return found;
  }

  /** Forgets an unfinished frame, before a new request. */
  reset(): void {
    this.#buffer = new Uint8Array(0);
  }

  #scan(): (Dlt645Frame | Fault)[] {
    const found: (Dlt645Frame | Fault)[] = [];
    let keepFrom = -1;
    let at = 0;
    while (at < this.#buffer.length) {
      const candidate = this.#candidateAt(at);
      if (candidate === "incomplete" && keepFrom < 0) keepFrom = at;
      if (typeof candidate === "string") {
        at++;
      } else {
        found.push(candidate);
        const isWhole = !(candidate instanceof Fault) || candidate.code === "DLT645_1997";
        if (isWhole) keepFrom = -1;
        at += isWhole ? OVERHEAD_BYTES + this.#buffer[at + 9]! : 1;
      }
    }
    this.#buffer = keepFrom < 0 ? new Uint8Array(0) : this.#buffer.slice(keepFrom);
    return found;
  }

  #candidateAt(at: number): Candidate {
    const bytes = this.#buffer;
    if (bytes[at] !== START) return "no frame";
    const left = bytes.length - at;
    if (left > 7 && bytes[at + 7] !== START) return "no frame";
    if (left > 9 && bytes[at + 9]! > MAX_DATA_BYTES) return "no frame";
    if (left < OVERHEAD_BYTES || left < OVERHEAD_BYTES + bytes[at + 9]!) return "incomplete";
    const end = at + OVERHEAD_BYTES + bytes[at + 9]!;
    if (bytes[end - 1] !== STOP) return "no frame";
    try {
      return decodeFrame(bytes.subarray(at, end));
    } catch (thrown) {
      return asFault(thrown);
    }
  }
}
