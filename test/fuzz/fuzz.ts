import { Fault } from "@gridledger/protocol/faults";
import { Prng } from "../cluster/prng.ts";
import { mutate } from "./mutate.ts";

/** A decoder behind one shape. */
export interface Target {
  /** `file#function` of what it runs, from the root of the repository without `.ts`. */
  readonly covers: readonly string[];
  readonly samples: readonly Uint8Array[];
  /**
   * Decodes. Where a value has one encoding it returns the value's encoding, which must be the input;
   * where it has several, undefined.
   *
   * @throws Fault for whatever it does not accept, and nothing else
   */
  readonly run: (bytes: Uint8Array) => Uint8Array | undefined;
}

export interface Problem {
  readonly what: "crash" | "slow" | "memory" | "not canonical" | "sample refused";
  readonly detail: string;
  /** Hex of the bytes that show it. */
  readonly input: string;
}

export interface Report {
  readonly executions: number;
  readonly accepted: number;
  readonly perSecond: number;
  /** The slowest input, in ms, the best of several tries. */
  readonly slowestMs: number;
  /** The largest growth of heap and buffers in one slice, a slice's mean for one execution. */
  readonly bytesPerExecution: number;
  readonly problems: readonly Problem[];
}

/** No input of at most 64 KiB may take longer, nor may a slice of them hold on to more. */
const MAX_MS = 100;
const MAX_SLICE_BYTES = 134_217_728;
const SLICE = 256;
const MAX_POOL = 128;
const MAX_PROBLEMS = 5;

function heldBytes(): number {
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** Runs one decoder on mutated samples; the same seed runs it on the same bytes. */
export class Fuzzer {
  readonly #target: Target;
  readonly #prng: Prng;
  readonly #pool: Uint8Array[];
  readonly #problems: Problem[] = [];
  readonly #keptBytes: number;
  #accepted = 0;
  #slowestMs = 0;
  #bytesPerExecution = 0;

  constructor(target: Target, seed: number) {
    this.#target = target;
    this.#prng = new Prng(seed);
    this.#pool = [...target.samples];
    this.#keptBytes = 2 * Math.max(128, ...target.samples.map(({ length }) => length));
  }

  run(executions: number): Report {
    for (const sample of this.#target.samples) {
      const before = this.#accepted;
      this.#try(sample);
      if (this.#accepted === before) this.#report("sample refused", "", sample);
    }
    const startedAt = performance.now();
    let done = 0;
    while (done < executions && this.#problems.length < MAX_PROBLEMS) {
      const count = Math.min(SLICE, executions - done);
      this.#slice(count);
      done += count;
    }
    const seconds = (performance.now() - startedAt) / 1_000;
    return {
      executions: done,
      accepted: this.#accepted,
      perSecond: Math.round(done / seconds),
      slowestMs: this.#slowestMs,
      bytesPerExecution: Math.round(this.#bytesPerExecution),
      problems: this.#problems,
    };
  }

  #slice(count: number): void {
    const before = heldBytes();
    let last: Uint8Array = new Uint8Array();
    for (let i = 0; i < count; i++) {
      last = mutate(this.#prng.pick(this.#pool), this.#prng, this.#target.samples);
      const accepted = this.#accepted;
      this.#try(last);
      if (this.#accepted > accepted) this.#keep(last);
    }
    // A collection in between makes it smaller; the first of many slices without one tells.
    const growth = heldBytes() - before;
    this.#bytesPerExecution = Math.max(this.#bytesPerExecution, growth / count);
    if (growth > MAX_SLICE_BYTES) this.#report("memory", `${growth} bytes in ${count}`, last);
  }

  /**
   * What is accepted is mutated further: that is how the depths are reached. Not what has grown far
   * beyond the samples, or the row would soon be made of long inputs that say little.
   */
  #keep(bytes: Uint8Array): void {
    const { samples } = this.#target;
    if (bytes.length > this.#keptBytes) return;
    if (this.#pool.length < MAX_POOL) this.#pool.push(bytes);
    else this.#pool[samples.length + this.#prng.below(MAX_POOL - samples.length)] = bytes;
  }

  #try(bytes: Uint8Array): void {
    const startedAt = performance.now();
    this.#once(bytes);
    let ms = performance.now() - startedAt;
    // The machine may have done something else in between: the processor's own time tells.
    for (let again = 0; again < 3 && ms > Math.max(1, this.#slowestMs); again++) {
      const from = process.cpuUsage();
      this.#once(bytes, false);
      const { user, system } = process.cpuUsage(from);
      ms = Math.min(ms, (user + system) / 1_000);
    }
    this.#slowestMs = Math.max(this.#slowestMs, ms);
    if (ms > MAX_MS) this.#report("slow", `${ms.toFixed(0)} ms`, bytes);
  }

  #once(bytes: Uint8Array, isCounted = true): void {
    try {
      const again = this.#target.run(bytes);
      if (isCounted) this.#accepted++;
      if (again !== undefined && Buffer.compare(again, bytes) !== 0) {
        this.#report("not canonical", Buffer.from(again).toString("hex"), bytes);
      }
    } catch (thrown) {
      if (!(thrown instanceof Fault)) this.#report("crash", String(thrown), bytes);
    }
  }

  #report(what: Problem["what"], detail: string, bytes: Uint8Array): void {
    if (this.#problems.length >= MAX_PROBLEMS) return;
    const input = Buffer.from(bytes).toString("hex");
    this.#problems.push({ what, detail: detail.slice(0, 400), input: input.slice(0, 4_000) });
  }
}
