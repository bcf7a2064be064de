import { Fault } from "@gridledger/protocol/faults";
import { equalBytes } from "@gridledger/protocol/hex";
import type { Chain } from "@gridledger/protocol/ledger/genesis";
import { decodeTransaction } from "@gridledger/protocol/ledger/transaction";
import { correctedBatch } from "@gridledger/protocol/metering/corrected-batch";
import { coverageOf, usualIntervalMs } from "@gridledger/protocol/metering/coverage";
import { type Finding, findingsOf } from "@gridledger/protocol/metering/findings";
import { decodeReadingBatch, type ReadingBatch } from "@gridledger/protocol/metering/reading-batch";
import type { Knex } from "knex";
import { placeOf } from "../position.ts";
import type { CorrectionQueries, StandingRow } from "./correction-queries.ts";
import { judgeFindings } from "./judge-findings.ts";

/** A period of one meter that is asked about at once. */
const MAX_BATCHES = 2_000;
const MAX_INTERVALS = 200_000;
const MAX_FINDINGS = 1_000;

interface Row {
  readonly position: number;
  readonly hash: Buffer;
  readonly encoded: Buffer;
}

/** A final batch, decoded. */
export interface FinalBatch {
  readonly height: number;
  readonly txHash: Uint8Array;
  readonly payloadHash: Uint8Array;
  readonly batch: ReadingBatch;
  readonly blockTimeMs: number;
}

export interface HistoryRange {
  readonly meter: string;
  readonly fromMs: number;
  readonly toMs: number;
  /** Undefined: the usual one of the readings. */
  readonly intervalMs: number | undefined;
}

interface QueryStore {
  readonly read: Knex;
}

/** What one meter's run of batches says of a period, guide §4.4.2. */
export class MeterHistory {
  readonly #store: QueryStore;
  readonly #chain: Chain;
  readonly #corrections: Pick<CorrectionQueries, "standing">;

  constructor(store: QueryStore, chain: Chain, corrections: Pick<CorrectionQueries, "standing">) {
    this.#store = store;
    this.#chain = chain;
    this.#corrections = corrections;
  }

  /**
   * Which intervals of the period have a reading. The batches' numbers follow one another and each names
   * the hash of the one before, from the last batch before the period to the first after it: so there
   * are no other readings of the meter in it.
   *
   * @throws Fault REQUEST_INVALID where the period is too long, STORE_CORRUPT where the run is broken
   */
  async of({ meter, fromMs, toMs, intervalMs }: HistoryRange) {
    const run = await this.#run(meter, fromMs, toMs);
    this.#checkRun(meter, run);
    const timesMs = run.flatMap(({ batch }) => batch.timesMs);
    const usual = intervalMs ?? usualIntervalMs(timesMs);
    if (usual !== undefined && (toMs - fromMs) / usual > MAX_INTERVALS) {
      throw new Fault("REQUEST_INVALID", `more than ${MAX_INTERVALS} intervals; ask in parts`);
    }
    const period = { fromMs, toMs, intervalMs: usual ?? toMs - fromMs + 1 };
    const standing = await this.#standing(meter, timesMs);
    const left = isLeft(run, standing);
    const now = run.map((one) => ({ ...one, batch: correctedBatch(one.batch, standing) }));
    const findings = judgeFindings(
      findingsIn(run, fromMs, toMs, usual),
      findingsIn(now, fromMs, toMs, usual).filter(
        ({ obis, timeMs }) => obis !== undefined || left(timeMs),
      ),
      standing,
    );
    return {
      intervalMs: usual ?? null,
      coverage: coverageOf(timesMs.filter(left), period),
      run,
      findings: findings.slice(0, MAX_FINDINGS),
      corrected: standing.filter(({ timeMs }) => timeMs >= fromMs && timeMs <= toMs),
    };
  }

  async #standing(meter: string, timesMs: readonly number[]): Promise<StandingRow[]> {
    const [first, last] = [timesMs[0], timesMs.at(-1)];
    return first === undefined || last === undefined
      ? []
      : this.#corrections.standing(meter, first, last);
  }

  async #run(meter: string, fromMs: number, toMs: number): Promise<FinalBatch[]> {
    const within: Row[] = await this.#batches(meter)
      .where("last_ms", ">=", fromMs)
      .where("first_ms", "<=", toMs)
      .orderBy("last_ms")
      .limit(MAX_BATCHES + 1);
    if (within.length > MAX_BATCHES) {
      throw new Fault("REQUEST_INVALID", `more than ${MAX_BATCHES} batches; ask in parts`);
    }
    const before: Row[] = await this.#batches(meter)
      .where("last_ms", "<", fromMs)
      .orderBy("last_ms", "desc")
      .limit(1);
    const after: Row[] = await this.#batches(meter)
      .where("last_ms", ">", toMs)
      .where("first_ms", ">", toMs)
      .orderBy("last_ms")
      .limit(1);
    const times = await this.#blockTimes([...before, ...within, ...after]);
    return [...before, ...within, ...after].map((row) => this.#open(row, times));
  }

  #batches(meter: string): Knex.QueryBuilder {
    return this.#store.read("transactions").select("position", "hash", "encoded").where({ meter });
  }

  async #blockTimes(rows: readonly Row[]): Promise<ReadonlyMap<number, number>> {
    const heights = [...new Set(rows.map(({ position }) => placeOf(Number(position)).height))];
    const times = new Map<number, number>();
    for (let at = 0; at < heights.length; at += 500) {
      const blocks: { height: number; time_ms: number }[] = await this.#store
        .read("blocks")
        .select("height", "time_ms")
        .whereIn("height", heights.slice(at, at + 500));
      for (const { height, time_ms } of blocks) times.set(Number(height), Number(time_ms));
    }
    return times;
  }

  #open({ position, hash, encoded }: Row, times: ReadonlyMap<number, number>): FinalBatch {
    const { suite } = this.#chain;
    const { payload } = decodeTransaction(suite, encoded);
    const { height } = placeOf(Number(position));
    return {
      ...{ height, txHash: hash, payloadHash: suite.hash(payload) },
      batch: decodeReadingBatch(payload),
      blockTimeMs: times.get(height) ?? 0,
    };
  }

  #checkRun(meter: string, run: readonly FinalBatch[]): void {
    for (const [i, { batch }] of run.entries()) {
      const before = run[i - 1];
      if (before === undefined) continue;
      const follows = batch.sequence === before.batch.sequence + 1;
      if (follows && equalBytes(batch.previousHash, before.payloadHash)) continue;
      throw new Fault("STORE_CORRUPT", `${meter}: batch ${batch.sequence} does not follow here`);
    }
  }
}

/** Not where corrections have voided every register of the reading. */
function isLeft(run: readonly FinalBatch[], standing: readonly StandingRow[]) {
  const voids = new Map<number, number>();
  for (const { timeMs, status } of standing) {
    if (status === "void") voids.set(timeMs, (voids.get(timeMs) ?? 0) + 1);
  }
  return (timeMs: number): boolean => {
    const gone = voids.get(timeMs);
    if (gone === undefined) return true;
    const { batch } = run.find(({ batch: { timesMs } }) => timesMs.includes(timeMs))!;
    return gone < batch.registers.length;
  };
}

function findingsIn(
  run: readonly FinalBatch[],
  fromMs: number,
  toMs: number,
  usual: number | undefined,
): (Finding & Pick<FinalBatch, "height" | "txHash">)[] {
  return run.flatMap(({ batch, blockTimeMs, height, txHash }, i) => {
    const context = { previous: run[i - 1]?.batch, blockTimeMs, usualIntervalMs: usual };
    return findingsOf(batch, context)
      .filter(({ timeMs }) => timeMs >= fromMs && timeMs <= toMs)
      .map((finding) => ({ ...finding, height, txHash }));
  });
}
