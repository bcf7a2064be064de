import { availableParallelism } from "node:os";
import { Worker, type WorkerOptions } from "node:worker_threads";
import type { Chain } from "@gridledger/protocol/ledger/genesis";
import type { ThreadEvents, VerifierThread } from "./verifier-pool.ts";

/** What a thread is told when it starts. */
export interface ThreadData {
  readonly suiteId: number;
  readonly chainId: Uint8Array;
}

/** Suites from here on come from packages, which a thread would have to load again. */
const FIRST_OUTSIDE_SUITE = 256;
const MAX_DEFAULT_THREADS = 2;

/** It holds one chunk at a time and the keys that it has seen. */
const LIMITS = { maxOldGenerationSizeMb: 32, maxYoungGenerationSizeMb: 2 };

/** A thread of this process that verifies signatures for one chain. */
export function startWorkerThread({ suite, chainId }: Chain, events: ThreadEvents): VerifierThread {
  const workerData: ThreadData = { suiteId: suite.id, chainId };
  const worker = startWorker({ name: "verifier", workerData, resourceLimits: LIMITS });
  // The process may end at any time: what a thread still has in hand is of no use then.
  worker.unref();
  worker.on("message", (verdicts: Uint8Array) => events.onVerdicts(verdicts));
  worker.on("error", (error) => events.onGone(String(error)));
  worker.on("exit", (code) => events.onGone(`it ended with ${code}`));
  return {
    post: (packed) => worker.postMessage(packed, [packed.buffer as ArrayBuffer]),
    stop: () => void worker.terminate(),
  };
}

/** How many threads are of use: the rest of the cores, or what the operator wants. */
export function threadsFor({ suite }: Chain, wanted: number | undefined): number {
  if (suite.id >= FIRST_OUTSIDE_SUITE) return 0;
  return wanted ?? Math.min(MAX_DEFAULT_THREADS, availableParallelism() - 1);
}

/** Beside the bundle lies the thread's own bundle; from the sources it goes through their loader. */
function startWorker(options: WorkerOptions): Worker {
  const here = import.meta.url;
  if (!here.endsWith(".ts")) return new Worker(new URL("./verifier-thread.mjs", here), options);
  const [loader, entry] = [
    import.meta.resolve("tsx/esm/api"),
    new URL("./verifier-thread.ts", here).href,
  ].map((url) => JSON.stringify(url));
  const start = `import(${loader}).then(({ register }) => (register(), import(${entry})))`;
  return new Worker(start, { ...options, eval: true });
}
