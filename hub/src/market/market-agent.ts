import { randomBytes } from "node:crypto";
import { asFault } from "@gridledger/protocol/faults";
import type { KeyRing } from "@gridledger/protocol/keys/key-ring";
import { type Chain, contractSetOf } from "@gridledger/protocol/ledger/genesis";
import { encodeClear, encodeForget, encodeSettle } from "@gridledger/protocol/market/calls";
import { marketCall } from "@gridledger/protocol/market/sign-order";
import type { Clock } from "../clock.ts";
import { submitSigned } from "../keys/submit-signed.ts";
import type { Log } from "../log.ts";
import type { CorrectedIntervals } from "./corrected-intervals.ts";
import type { DeclaredRules, IntervalRow, MarketQueries } from "./market-queries.ts";

const LOOK_MS = 1_000;
/** Blocks count whole seconds, and their clocks are not ours. */
const AFTER_GATE_MS = 1_500;
/** Readings of an interval's end come a little after it. */
const READINGS_LATE_PART = 10;
/** What a transaction's gas allows, with room to spare. */
const CALL_GAS = 4_000_000;
const ORDERS_A_CALL = 60;
const METERS_A_CALL = 12;
const ENTRIES_A_CALL = 200;
const INTERVALS = 40;
const FIRST_PAUSE_MS = 4_000;
const MAX_PAUSE_MS = 120_000;
const MAX_PAUSE_AGAIN_MS = 1_800_000;
/** Intervals with readings missing that are looked at again, the newest. */
const AGAIN = 5;
/** How often corrections are looked for. */
const CORRECTED_MS = 5_000;

interface MarketAgentDeps {
  readonly chain: Chain;
  /** The operator's; anybody may do what the agent does. */
  readonly keys: KeyRing;
  readonly queries: Pick<MarketQueries, "rules" | "from" | "oldest" | "incomplete">;
  readonly corrected: Pick<CorrectedIntervals, "since">;
  readonly submit: (encoded: Uint8Array, waitMs: number) => Promise<unknown>;
  readonly headHeight: () => number;
  readonly clock: Clock;
  readonly log: Log;
}

/** Clears, settles and forgets intervals when they are due, so that the market needs no hand (guide §3.2). */
export class MarketAgent {
  readonly #deps: MarketAgentDeps;
  /** When something is tried again, and how often it was. */
  readonly #tries = new Map<string, { readonly nextMs: number; readonly count: number }>();
  #cancel: () => void = () => undefined;
  #work: Promise<void> = Promise.resolve();
  #isStopped = false;
  #nextCorrectedMs = 0;
  /** All intervals below are settled. */
  #from = 0;

  constructor(deps: MarketAgentDeps) {
    this.#deps = deps;
  }

  start(): void {
    this.#cancel = this.#deps.clock.after(LOOK_MS, () => {
      this.#work = this.#look().then(() => {
        if (!this.#isStopped) this.start();
      });
    });
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#cancel();
    await this.#work;
  }

  async #look(): Promise<void> {
    const { queries, log } = this.#deps;
    try {
      const rules = await queries.rules();
      if (rules === undefined) return;
      const rows = await queries.from(this.#from, INTERVALS);
      for (const row of rows) if (!this.#isStopped) await this.#advance(rules, row);
      const first = rows.find((row) => !this.#isDone(rules, row)) ?? rows.at(-1);
      this.#from = Number(first?.interval ?? this.#from);
      for (const interval of await queries.incomplete(AGAIN)) await this.#again(rules, interval);
      await this.#settleCorrected(rules);
      const oldest = await queries.oldest();
      if (oldest !== undefined) await this.#forget(rules, oldest);
    } catch (thrown) {
      const { code, message } = asFault(thrown);
      log.warn({ code, detail: message }, "the market is not carried on yet");
    }
  }

  /** When the interval begins, ends, and can no longer be settled. */
  #timesOf({ keptMs }: DeclaredRules, interval: number) {
    const { meterIntervalMs } = contractSetOf(this.#deps.chain);
    const startMs = interval * meterIntervalMs;
    const endMs = startMs + meterIntervalMs;
    return {
      startMs,
      endMs,
      closedMs: endMs + keptMs,
      lateMs: meterIntervalMs / READINGS_LATE_PART,
    };
  }

  #isDone(rules: DeclaredRules, row: IntervalRow): boolean {
    const { closedMs } = this.#timesOf(rules, Number(row.interval));
    if (this.#deps.clock.now() > closedMs) return true;
    return row.price !== null && row.open === 0 && row.settled >= row.meters;
  }

  async #advance(rules: DeclaredRules, row: IntervalRow): Promise<void> {
    if (this.#isDone(rules, row)) return;
    const interval = Number(row.interval);
    const { startMs, endMs, lateMs } = this.#timesOf(rules, interval);
    const nowMs = this.#deps.clock.now();
    const isCleared = row.price !== null && row.open === 0;
    if (!isCleared && nowMs > startMs - rules.gateMs + AFTER_GATE_MS) {
      await this.#try(`clear ${interval}`, () => encodeClear(interval, ORDERS_A_CALL));
    } else if (isCleared && nowMs > endMs + lateMs) {
      await this.#try(`settle ${interval}`, (count) => settlePart(interval, row.meters, count));
    }
  }

  /** Readings that were missing at the deadline may have come since. */
  async #again(
    rules: DeclaredRules,
    interval: number,
    name: string = String(interval),
  ): Promise<void> {
    const { closedMs } = this.#timesOf(rules, interval);
    if (this.#isStopped || this.#deps.clock.now() > closedMs) return;
    const [row] = await this.#deps.queries.from(interval, 1);
    const meters = row?.meters ?? 1;
    await this.#try(`again ${name}`, (count) => settlePart(interval, meters, count));
  }

  /** What was settled by readings that say something else now, until the interval is closed. */
  async #settleCorrected(rules: DeclaredRules): Promise<void> {
    const nowMs = this.#deps.clock.now();
    if (nowMs < this.#nextCorrectedMs) return;
    this.#nextCorrectedMs = nowMs + CORRECTED_MS;
    const { meterIntervalMs } = contractSetOf(this.#deps.chain);
    const since = await this.#deps.corrected.since(nowMs - rules.keptMs - 2 * meterIntervalMs);
    for (const { interval, position } of since) {
      await this.#again(rules, interval, `${interval} ${position}`);
    }
  }

  async #forget(rules: DeclaredRules, interval: number): Promise<void> {
    const { closedMs } = this.#timesOf(rules, interval);
    if (this.#isStopped || this.#deps.clock.now() < closedMs + AFTER_GATE_MS) return;
    await this.#try(`forget ${interval}`, () => encodeForget(interval, ENTRIES_A_CALL));
  }

  /** Growing pauses: what does not help yet is not repeated every second. */
  async #try(name: string, data: (count: number) => Uint8Array): Promise<void> {
    const { headHeight, clock } = this.#deps;
    const nowMs = clock.now();
    const { nextMs, count } = this.#tries.get(name) ?? { nextMs: 0, count: 0 };
    if (nowMs < nextMs) return;
    const maxPauseMs = name.startsWith("again") ? MAX_PAUSE_AGAIN_MS : MAX_PAUSE_MS;
    const pauseMs = Math.min(maxPauseMs, FIRST_PAUSE_MS * 2 ** Math.min(count, 20));
    if (this.#tries.size > 4 * INTERVALS) this.#tries.clear();
    this.#tries.set(name, { nextMs: nowMs + pauseMs, count: count + 1 });
    const at = { height: headHeight(), nonce: randomBytes(12) };
    await submitSigned(this.#deps, marketCall(at, data(count), CALL_GAS), 0);
  }
}

/** Meters that wait are passed over: each try begins behind the one before. */
function settlePart(interval: number, meters: number, count: number): Uint8Array {
  const from = (count * METERS_A_CALL) % Math.max(1, meters);
  return encodeSettle(interval, from - (from % METERS_A_CALL), METERS_A_CALL);
}
