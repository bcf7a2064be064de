import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { kind } from "@gridledger/protocol/ledger/kinds";
import type { StandingValue } from "@gridledger/protocol/metering/value-status";
import fc from "fast-check";
import { Meter, sign, suite } from "../edge-node/support.ts";
import {
  changed,
  contentOf,
  corrected,
  estimated,
  NO_HASH,
  payloadOf,
  read,
} from "../support/corrections.ts";
import { owed } from "./market-model.ts";
import { INTERVAL, INTERVAL_MS, MarketRig, RULES, SHORTFALL, SURPLUS } from "./market-rig.ts";

const [FROM_MS, TO_MS] = [INTERVAL * INTERVAL_MS, (INTERVAL + 1) * INTERVAL_MS];
const TAKEN = { obis: "1-0:1.8.0", unit: "Wh", scaler: 0 };
const GIVEN = { ...TAKEN, obis: "1-0:2.8.0" };
const PRICE = 70;

/** A meter of the market whose device reads and corrects. */
class CorrectedMeter {
  readonly #market: MarketRig;
  readonly #name: string;
  readonly #batch: Uint8Array;
  #number = 0;
  #previousHash: Uint8Array = NO_HASH;
  #stands: StandingValue;

  constructor(market: MarketRig, at: number, givenWh: number, takenWh: number) {
    const { rig } = market;
    this.#market = market;
    this.#name = `meter-${at}`;
    const meter = new Meter(rig.chain, rig.net.devices[0]!, this.#name);
    this.#batch = meter.next({
      validUntilHeight: rig.height + 100,
      timesMs: [FROM_MS, TO_MS],
      registers: [
        { ...TAKEN, values: [5_000, 5_000 + takenWh] },
        { ...GIVEN, values: [5_000, 5_000 + givenWh] },
      ],
    });
    this.#stands = read(5_000 + givenWh);
    rig.block([this.#batch], market.nowMs);
  }

  /** What it gave until the end of the interval. */
  correct(fresh: StandingValue): void {
    const { rig, nowMs } = this.#market;
    const values = [changed(TO_MS, this.#stands, fresh)];
    const content = contentOf(rig.chain, rig.net.validators, this.#batch, {
      ...{ meter: this.#name, number: ++this.#number, previousHash: this.#previousHash },
      registers: [{ ...GIVEN, values }],
    });
    this.#previousHash = suite.hash(content);
    this.#stands = fresh;
    const body = { kind: kind.correction, validUntilHeight: rig.height + 100 };
    rig.block([sign(rig.chain, rig.net.devices[0]!, payloadOf(content), body)], nowMs);
  }
}

/** Meter 0 bought 1 kWh of meter 1 at 70 a kWh; both did as they said, and that is settled. */
function settled(): { market: MarketRig; seller: CorrectedMeter } {
  const market = new MarketRig(2);
  const [alice, bob] = market.people;
  market.open();
  market.order(alice!, { quantityWh: 1_000n, price: 100n });
  market.order(bob!, { meter: market.meterId(1), isBuy: false, quantityWh: 1_000n, price: 50n });
  market.toGate();
  market.send("clear", [INTERVAL, 9n]);
  market.toEnd();
  new CorrectedMeter(market, 0, 0, 1_000);
  const seller = new CorrectedMeter(market, 1, 1_000, 0);
  assert.equal(settle(market), 2);
  return { market, seller };
}

/** How many meters' money moved. */
function settle(market: MarketRig): number {
  const receipt = market.send("settle", [INTERVAL, 0n, 9n]);
  assert.equal(market.why(receipt), undefined);
  return receipt.logs.length;
}

const balances = (market: MarketRig): readonly bigint[] =>
  [...market.people, market.balancing].map((who) => market.balance(who));

const stateOf = (market: MarketRig) =>
  market.view("positionOf", [INTERVAL, market.meterId(1)]).state;

describe("an interval that was settled and then corrected", () => {
  it("is settled again, and only what the correction changed", () => {
    const { market, seller } = settled();
    assert.deepEqual(balances(market), [-70n, 70n, 0n]);
    seller.correct(corrected(5_900));
    assert.equal(settle(market), 1, "one of two meters");
    assert.deepEqual(balances(market), [-70n, 30n, 40n]);
    assert.equal(settle(market), 0, "nothing changed");
    assert.deepEqual(balances(market), [-70n, 30n, 40n]);
  });

  it("waits with an estimated value until the deadline, and keeps what was settled", () => {
    const { market, seller } = settled();
    seller.correct(estimated(5_900));
    assert.deepEqual([settle(market), stateOf(market)], [0, 1]);
    market.toEnd(RULES.deadlineMs);
    assert.deepEqual([settle(market), stateOf(market)], [1, 2]);
    seller.correct(corrected(5_900));
    assert.deepEqual([settle(market), stateOf(market)], [1, 1], "the state alone");
    assert.deepEqual(balances(market), [-70n, 30n, 40n]);
  });

  it("is settled no more when the interval is closed", () => {
    const { market, seller } = settled();
    market.toEnd(Number(RULES.keptMs));
    seller.correct(corrected(5_900));
    assert.equal(market.why(market.send("settle", [INTERVAL, 0n, 9n])), "interval is closed");
    assert.deepEqual(balances(market), [-70n, 70n, 0n]);
  });

  it("owes what the plain model says after any corrections, and sums to zero to the last unit", () => {
    const given = fc.array(fc.integer({ min: 0, max: 4_000 }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(given, (all) => {
        const { market, seller } = settled();
        let before = 1_000;
        for (const wh of all) {
          if (wh === before) continue;
          seller.correct(corrected(5_000 + wh));
          settle(market);
          const prices = { trade: PRICE, shortfall: SHORTFALL, surplus: SURPLUS };
          const amount = owed({ tradedWh: -1_000, meteredWh: -wh }, prices);
          const [, seen, rest] = balances(market);
          assert.deepEqual([seen, rest], [BigInt(amount), 70n - BigInt(amount)]);
          before = wh;
        }
      }),
      { numRuns: 4 },
    );
  });
});
