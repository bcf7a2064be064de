import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { Fault } from "@gridledger/protocol/faults";
import type { Home } from "./home.ts";
import { readRunning } from "./running.ts";

const PATIENCE_MS = 8_000;
const POLL_MS = 50;

/**
 * Waits until the processes of a launcher that was killed are gone: they notice by themselves, and
 * two processes must never write one store.
 *
 * @throws Fault HOME_IN_USE
 */
export async function awaitLeftovers(home: Home): Promise<void> {
  const processes = readRunning(home)?.processes ?? [];
  const deadline = Date.now() + PATIENCE_MS;
  for (const { name, pid } of processes) {
    while (isOurs(home, name, pid)) {
      if (Date.now() > deadline) {
        throw new Fault("HOME_IN_USE", `${name} of an earlier start still runs as process ${pid}`);
      }
      await sleep(POLL_MS);
    }
  }
}

/** The process lives and is the one we started, not another that got its number. */
function isOurs(home: Home, name: string, pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  try {
    const commandLine = readFileSync(`/proc/${pid}/cmdline`, "utf8");
    return commandLine.includes(home.config(name));
  } catch {
    return process.platform !== "linux";
  }
}
