import { randomBytes } from "node:crypto";
import type { Signer } from "@gridledger/protocol/crypto/suite";
import { asFault } from "@gridledger/protocol/faults";
import { type Chain, contractSetOf } from "@gridledger/protocol/ledger/genesis";
import { encodeClear, encodeForget, encodeSettle } from "@gridledger/protocol/market/calls";
import { signMarketCall } from "@gridledger/protocol/market/sign-order";
import type { Clock } from "../clock.ts";
import type { Log } from "../log.ts";
import type { DeclaredRules, IntervalRow, MarketQueries } from "./market-queries.ts";

const LOOK_MS = 1_000;
/** Blocks count whole seconds, and their clocks are not ours. */
const AFTER_GATE_MS = 1_500;
/** Readings of an interval's end come a little after it. */
const READINGS_LATE_PART = 10;
/** What a transaction's gas allows, with room to spare. */
const CALL_GAS = 3_000_000;
const ORDERS_A_CALL = 60;
const METERS_A_CALL = 25;
const ENTRIES_A_CALL = 200;
const INTERVALS = 40;
const FIRST_PAUSE_MS = 4_000;
const MAX_PAUSE_MS = 120_000;

interface MarketAgentDeps {
  readonly chain: Chain;
  /** The operator's; anybody may do what the agent does. */
  readonly signer: Signer;
  readonly queries: Pick<MarketQueries, "rules" | "from" | "oldest">;
  readonly submit: (encoded: Uint8Array, waitMs: number) => Promise<unknown>;
  readonly headHeight: () => number;
  readonly clock: Clock;
  readonly log: Log;
}

/** Clears, settles and forgets intervals when they are due, so that the market needs no hand (guide §3.2). */
export class MarketAgent {
  readonly #deps: MarketAgentDeps;
  /** When an interval is tried again, and after what pause. */
  readonly #tries = new Map<string, { readonly nextMs: number; readonly pauseMs: number }>();
  #cancel: () => void = () => undefined;
  #work: Promise<void> = Promise.resolve();
  #isStopped = false;
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
      const first = rows.find((row) => row.open > 0 || row.settled < row.meters) ?? rows.at(-1);
      this.#from = Number(first?.interval ?? this.#from);
      const oldest = await queries.oldest();
      if (oldest !== undefined && !this.#isStopped) await this.#forget(rules, oldest);
    } catch (thrown) {
      const { code, message } = asFault(thrown);
      log.warn({ code, detail: message }, "the market is not carried on yet");
    }
  }

  async #advance(rules: DeclaredRules, row: IntervalRow): Promise<void> {
    const { meterIntervalMs } = contractSetOf(this.#deps.chain);
    const interval = Number(row.interval);
    const startMs = interval * meterIntervalMs;
    const endMs = startMs + meterIntervalMs;
    const lateMs = meterIntervalMs / READINGS_LATE_PART;
    const nowMs = this.#deps.clock.now();
    const isCleared = row.price !== null && row.open === 0;
    if (nowMs > endMs + rules.keptMs) return;
    if (!isCleared && nowMs > startMs - rules.gateMs + AFTER_GATE_MS) {
      await this.#try(`clear ${interval}`, encodeClear(interval, ORDERS_A_CALL));
    } else if (isCleared && row.settled < row.meters && nowMs > endMs + lateMs) {
      // Meters that wait are passed over: begin somewhere else each time.
      const from = row.meters > METERS_A_CALL ? Math.floor(Math.random() * row.meters) : 0;
      await this.#try(`settle ${interval}`, encodeSettle(interval, from, METERS_A_CALL));
    }
  }

  async #forget(rules: DeclaredRules, interval: number): Promise<void> {
    const { meterIntervalMs } = contractSetOf(this.#deps.chain);
    const closedMs = (interval + 1) * meterIntervalMs + rules.keptMs + AFTER_GATE_MS;
    if (this.#deps.clock.now() < closedMs) return;
    await this.#try(`forget ${interval}`, encodeForget(interval, ENTRIES_A_CALL));
  }

  /** Growing pauses: what does not help yet is not repeated every second. */
  async #try(name: string, data: Uint8Array): Promise<void> {
    const { chain, signer, submit, headHeight, clock } = this.#deps;
    const nowMs = clock.now();
    const known = this.#tries.get(name);
    if (known !== undefined && nowMs < known.nextMs) return;
    const pauseMs = Math.min(MAX_PAUSE_MS, (known?.pauseMs ?? FIRST_PAUSE_MS / 2) * 2);
    if (this.#tries.size > 4 * INTERVALS) this.#tries.clear();
    this.#tries.set(name, { nextMs: nowMs + pauseMs, pauseMs });
    const trader = { chain, signer, height: headHeight(), nonce: randomBytes(12) };
    await submit(signMarketCall(trader, data, CALL_GAS), 0);
  }
}
