import { formatHex } from "@gridledger/protocol/hex";
import type { Clock } from "../../clock.ts";
import type { Log } from "../../log.ts";
import type { CopyState } from "./copy-table.ts";

/** Said again of the same copy at most this often. */
const AGAIN_MS = 3_600_000;
const MAX_REMEMBERED = 4_096;

/** Something that nobody should have to look for. */
export interface CopyAlarm {
  /** Root of the object, in hex; empty where a holder is lost as a whole. */
  readonly object: string;
  /** Identity id, or `<hub>/<store>`; `hub` for the hub's own copy. */
  readonly holder: string;
  readonly kind: `copy.${Extract<CopyState, "lying" | "stale" | "silent"> | "lost"}`;
  /** A fault code. */
  readonly reason: string;
  readonly foundMs: number;
}

interface AlarmsDeps {
  readonly clock: Clock;
  readonly log: Log;
}

/** Tells of copies that are bad or gone: log, and whoever listens (console, webhooks, audit log). */
export class CopyAlarms {
  readonly #deps: AlarmsDeps;
  readonly #listeners: ((alarm: CopyAlarm) => void)[] = [];
  readonly #saidMs = new Map<string, number>();

  constructor(deps: AlarmsDeps) {
    this.#deps = deps;
  }

  listen(listener: (alarm: CopyAlarm) => void): void {
    this.#listeners.push(listener);
  }

  raise(
    kind: CopyAlarm["kind"],
    root: Uint8Array | undefined,
    { holder, reason }: Pick<CopyAlarm, "holder" | "reason">,
  ): void {
    const { clock, log } = this.#deps;
    const foundMs = clock.now();
    const object = root === undefined ? "" : formatHex(root);
    const name = `${kind} ${object} ${holder}`;
    if (foundMs - (this.#saidMs.get(name) ?? Number.NEGATIVE_INFINITY) < AGAIN_MS) return;
    if (this.#saidMs.size >= MAX_REMEMBERED) this.#saidMs.clear();
    this.#saidMs.set(name, foundMs);
    const alarm = { object, holder, kind, reason, foundMs };
    log.warn({ ...alarm }, "a copy of an object is not what it should be");
    for (const listener of this.#listeners) listener(alarm);
  }
}
