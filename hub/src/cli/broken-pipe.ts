import { exitCode } from "./exit-codes.ts";

/**
 * Whoever read our output has gone (`gridledger … | head`): the program ends without a word, and not with 0,
 * since nobody knows what it would have said. One that has processes to stop stops as by SIGTERM.
 */
export function endWithReader(): void {
  let hasEnded = false;
  const end = (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
    if (hasEnded) return;
    hasEnded = true;
    process.exitCode = exitCode.unread;
    if (process.listenerCount("SIGTERM") > 0) process.kill(process.pid, "SIGTERM");
    else process.exit();
  };
  process.stdout.on("error", end);
  process.stderr.on("error", end);
}
