import type { Electorate, NewHeight } from "./electorate.ts";
import { type Pacemaker, roundTimeoutMs } from "./pacemaker.ts";
import type { Voice } from "./voice.ts";

/** Says when the timers of one height run: while a block is wanted, the broker is there, and one may sign. */
export class RoundClock {
  readonly #event: NewHeight;
  readonly #electorate: Electorate;
  readonly #pacemaker: Pacemaker;
  readonly #voice: Voice;
  #connected: boolean;
  #wanted = false;
  #intervalOver: boolean;

  constructor(
    parts: { event: NewHeight; electorate: Electorate; pacemaker: Pacemaker; voice: Voice },
    connected: boolean,
  ) {
    this.#event = parts.event;
    this.#electorate = parts.electorate;
    this.#pacemaker = parts.pacemaker;
    this.#voice = parts.voice;
    this.#connected = connected;
    this.#intervalOver = parts.event.waitMs <= 0;
  }

  /** The policy's minimum block interval is over. */
  get isIntervalOver(): boolean {
    return this.#intervalOver;
  }

  get isWanted(): boolean {
    return this.#wanted;
  }

  get isRunning(): boolean {
    // Alone, a validator needs no broker to agree with itself.
    const isOnline = this.#connected || this.#electorate.size === 1;
    return this.#wanted && isOnline && this.#voice.canSpeak;
  }

  begin(): void {
    if (!this.#intervalOver) this.#pacemaker.startInterval(this.#event.waitMs);
  }

  endInterval(): void {
    this.#intervalOver = true;
  }

  want(round: number): void {
    if (this.#wanted) return;
    this.#wanted = true;
    this.restart(round);
  }

  /** Offline, a round does not pass: its timer starts again in full with the connection. */
  setConnected(connected: boolean, round: number): void {
    this.#connected = connected;
    if (this.isRunning) this.restart(round);
    else this.#pacemaker.pause();
  }

  restart(round: number): void {
    if (!this.isRunning) return;
    // The round before the interval is over is longer by what is left of it (besu#2095).
    const waitMs = this.#intervalOver ? 0 : this.#event.waitMs;
    this.#pacemaker.startRound(roundTimeoutMs(this.#event.baseTimeoutMs, round) + waitMs);
    this.retransmit(round);
  }

  retransmit(round: number): void {
    const { self, height } = this.#electorate;
    this.#pacemaker.startRetransmit(((self * 37 + height * 13 + round * 7) % 101) / 101);
  }
}
