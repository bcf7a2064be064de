import { parentPort, workerData } from "node:worker_threads";
import { suiteById } from "@gridledger/protocol/crypto/suites";
import { verifyPacked } from "./packed-checks.ts";
import type { ThreadData } from "./worker-thread.ts";

/** What a verifying thread runs: packed checks come in, their verdicts go out, in order. */
function serve({ suiteId, chainId }: ThreadData): void {
  const suite = suiteById(suiteId);
  parentPort?.on("message", (packed: Uint8Array) => {
    const verdicts = verifyPacked(suite, chainId, packed);
    parentPort?.postMessage(verdicts, [verdicts.buffer as ArrayBuffer]);
  });
}

serve(workerData as ThreadData);
