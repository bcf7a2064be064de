import type { Action } from "../ports.ts";

const CAP_MS = 60_000;
const MAX_DOUBLINGS = 5;
const FIRST_RETRANSMIT_MS = 1_000;
const MAX_RETRANSMIT_MS = 4_000;

/** T(r) = min(60 s, T0 · 2^min(r, 5)): capped, so that a restart is never the cure (besu#7642). */
export function roundTimeoutMs(baseMs: number, round: number): number {
  return Math.min(CAP_MS, baseMs * 2 ** Math.min(round, MAX_DOUBLINGS));
}

type Purpose = "round" | "retransmit" | "interval";

/**
 * The timers of an engine. An id is never used twice and a stopped timer is forgotten at once, so an
 * expiry that was already on its way means nothing (besu#1734).
 */
export class Pacemaker {
  readonly #emit: (action: Action) => void;
  readonly #running = new Map<Purpose, number>();
  #nextId = 1;
  #retransmissions = 0;

  constructor(emit: (action: Action) => void) {
    this.#emit = emit;
  }

  startRound(delayMs: number): void {
    this.#start("round", delayMs);
    this.#retransmissions = 0;
  }

  startInterval(delayMs: number): void {
    this.#start("interval", delayMs);
  }

  /**
   * 1, 2, 4, 4 … s. `spread` in [0, 1) takes the place of chance: it moves each validator by up to
   * ±20 %, so that they do not all send at once.
   */
  startRetransmit(spread: number): void {
    const base = Math.min(MAX_RETRANSMIT_MS, FIRST_RETRANSMIT_MS * 2 ** this.#retransmissions);
    this.#retransmissions = Math.min(this.#retransmissions + 1, MAX_DOUBLINGS);
    this.#start("retransmit", Math.round(base * (0.8 + 0.4 * spread)));
  }

  /** Stops what costs messages; a block interval that runs keeps running. */
  pause(): void {
    this.#stop("round");
    this.#stop("retransmit");
  }

  stop(): void {
    this.pause();
    this.#stop("interval");
  }

  /** What the timer was for; undefined for one that was stopped or started anew. */
  expired(id: number): Purpose | undefined {
    for (const [purpose, running] of this.#running) {
      if (running !== id) continue;
      this.#running.delete(purpose);
      return purpose;
    }
    return undefined;
  }

  #start(purpose: Purpose, delayMs: number): void {
    this.#stop(purpose);
    const id = this.#nextId++;
    this.#running.set(purpose, id);
    this.#emit({ type: "startTimer", id, delayMs });
  }

  #stop(purpose: Purpose): void {
    const id = this.#running.get(purpose);
    if (id === undefined) return;
    this.#running.delete(purpose);
    this.#emit({ type: "stopTimer", id });
  }
}
