import { signal } from "@preact/signals";

/** The hub's clock minus this browser's, so that ages are right on a machine whose clock is off. */
const offsetMs = signal(0);

/** The hub's time, told every second. */
export const nowMs = signal(Date.now());

export function hubNowMs(): number {
  return Date.now() + offsetMs.peek();
}

export function alignClock(hubMs: number): void {
  offsetMs.value = hubMs - Date.now();
  nowMs.value = hubMs;
}

export function startClock(): void {
  setInterval(() => {
    nowMs.value = hubNowMs();
  }, 1000);
}
