import { readFileSync } from "node:fs";

const PARENT_POLL_MS = 500;

/**
 * Resolves when somebody wants the network to stop: Ctrl-C, a signal, a closed terminal, or the end
 * of the npm that started it. Asked again, it calls `hurry`.
 */
export function stopRequested(hurry: () => void): Promise<void> {
  return new Promise((resolve) => {
    let asked = false;
    const ask = () => {
      if (asked) hurry();
      asked = true;
      resolve();
    };
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, ask);
    onParentEnd(resolve);
  });
}

/** npm runs a shell that runs this: whichever of the two ends, nobody is there to stop the network. */
function onParentEnd(ended: () => void): void {
  if (process.env.npm_lifecycle_event === undefined) return;
  const starters = findStarters();
  const timer = setInterval(() => {
    if (findStarters() === starters) return;
    clearInterval(timer);
    ended();
  }, PARENT_POLL_MS);
  timer.unref();
}

/** The parent and, where /proc tells, its parent. */
function findStarters(): string {
  try {
    const [, parent] = /\) \S (\d+)/.exec(readFileSync(`/proc/${process.ppid}/stat`, "utf8")) ?? [];
    return `${process.ppid} ${parent}`;
  } catch {
    return `${process.ppid}`;
  }
}
