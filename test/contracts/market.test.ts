import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { slots } from "@gridledger/protocol/contracts/account";
import fc from "fast-check";
import { StateView } from "../../edge-node/src/state/state-view.ts";
import { clearOrders, type ModelOrder, owed } from "./market-model.ts";
import { INTERVAL, INTERVAL_MS, MarketRig, RULES, SHORTFALL, SURPLUS } from "./market-rig.ts";

const orderArbitrary = fc.record({
  meter: fc.integer({ min: 0, max: 3 }),
  isBuy: fc.boolean(),
  quantityWh: fc.integer({ min: 1, max: 3_000 }),
  tick: fc.integer({ min: 0, max: 7 }),
});
const netArbitrary = fc.array(fc.integer({ min: -4_000, max: 4_000 }), {
  minLength: 4,
  maxLength: 4,
});

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

/** A market in which these orders were placed, in blocks as large as gas allows. */
function placed(orders: readonly ModelOrder[]): MarketRig {
  const market = new MarketRig(4);
  market.open();
  const { rig } = market;
  const calls = orders.map(({ meter, isBuy, quantityWh, tick }, at) => {
    const wanted = { clientId: at, meter: market.meterId(meter), isBuy };
    const priced = { ...wanted, quantityWh: BigInt(quantityWh), price: BigInt(tick) * RULES.tick };
    const data = market.orderData(priced);
    return rig.call(market.people[meter]!, market.market.address, data, 500_000);
  });
  for (let at = 0; at < calls.length; at += 12) {
    const receipts = rig.block(calls.slice(at, at + 12), market.nowMs);
    for (const receipt of receipts) assert.equal(market.why(receipt), undefined);
  }
  return market;
}

describe("the energy market", () => {
  it("clears and settles as the plain model does, and balances sum to zero", () => {
    const orders = fc
      .array(orderArbitrary, { minLength: 1, maxLength: 14 })
      .filter((all) =>
        [0, 1, 2, 3].every((meter) => all.filter((each) => each.meter === meter).length <= 4),
      );
    fc.assert(
      fc.property(orders, netArbitrary, fc.integer({ min: 1, max: 5 }), (all, nets, chunk) => {
        const market = placed(all);
        market.toGate();
        for (let at = 0; at < all.length; at += chunk) {
          assert.equal(market.why(market.send("clear", [INTERVAL, BigInt(chunk)])), undefined);
        }
        const expected = clearOrders(all, RULES.ticks);
        const clearing = market.view("clearingOf", [INTERVAL]);
        assert.equal(clearing.phase, 3);
        assert.equal(clearing.priceTick, expected.priceTick);
        assert.equal(clearing.volumeWh, BigInt(expected.volumeWh));
        market.toEnd();
        for (const [at, net] of nets.entries()) market.read(at, net);
        assert.equal(market.why(market.send("settle", [INTERVAL, 0n, 2n])), undefined);
        assert.equal(market.why(market.send("settle", [INTERVAL, 2n, 9n])), undefined);
        const trade = expected.priceTick * Number(RULES.tick);
        let total = market.balance(market.balancing);
        for (const [at, who] of market.people.entries()) {
          const tradedWh = all.reduce((sum, { meter, isBuy }, i) => {
            const filled = expected.filledWh[i]!;
            return meter === at ? sum + (isBuy ? filled : -filled) : sum;
          }, 0);
          const isIn = all.some(({ meter }) => meter === at);
          const prices = { trade, shortfall: SHORTFALL, surplus: SURPLUS };
          const amount = isIn ? owed({ tradedWh, meteredWh: nets[at]! }, prices) : 0;
          assert.equal(market.balance(who), BigInt(amount), `meter ${at}`);
          total += BigInt(amount);
        }
        assert.equal(total, 0n);
      }),
      { numRuns: 5 },
    );
  });

  it("refuses orders that cannot be, and says why", () => {
    const market = new MarketRig(2);
    const [alice, bob] = market.people;
    assert.equal(market.why(market.order(alice!, {})), "market not open");
    assert.equal(market.why(market.open({}, alice!)), "role");
    assert.equal(market.why(market.open({ ticks: 513 })), "rules: 1 to 512 ticks");
    market.open();
    const why = (wanted: Parameters<MarketRig["order"]>[1], who = alice!) =>
      market.why(market.order(who, wanted));
    assert.equal(why({ quantityWh: 0n }), "quantity must be above zero");
    assert.equal(why({ quantityWh: -5n }), "quantity must be above zero");
    assert.equal(why({ quantityWh: 1_000_001n }), "quantity above the limit");
    assert.equal(why({ quantityWh: (1n << 255n) - 1n }), "quantity above the limit");
    assert.equal(why({ price: -10n }), "price below zero");
    assert.equal(why({ price: 320n }), "price above the limit");
    assert.equal(why({ price: (1n << 255n) - 8n }), "price above the limit");
    assert.equal(why({ price: 15n }), "price between two ticks");
    assert.equal(why({ interval: INTERVAL - 2 }), "gate is closed");
    assert.equal(why({ interval: INTERVAL + 9 }), "interval too far ahead");
    assert.equal(why({}, bob), "not your meter");
    assert.equal(why({}), undefined);
    for (const clientId of [2, 3, 4]) assert.equal(why({ clientId }), undefined);
    assert.equal(why({ clientId: 5 }), "too many orders");
    market.toGate();
    assert.equal(why({ clientId: 6 }), "gate is closed");
  });

  it("takes the same order twice as one, and another under its id not at all", () => {
    const market = new MarketRig(1);
    const [alice] = market.people;
    market.open();
    assert.equal(market.order(alice!, {}).logs.length, 1);
    const again = market.order(alice!, {});
    assert.deepEqual([again.outcome, again.logs.length], ["success", 0]);
    assert.equal(market.why(market.order(alice!, { quantityWh: 7n })), "client id is taken");
  });

  it("lets an order be cancelled until the gate closes", () => {
    const market = new MarketRig(2);
    const [alice, bob] = market.people;
    market.open();
    const id = (number: number) => `0x${number.toString(16).padStart(64, "0")}`;
    market.order(alice!, { clientId: 1 });
    market.order(alice!, { clientId: 2 });
    market.order(bob!, { meter: market.meterId(1), isBuy: false, price: 50n });
    assert.equal(market.why(market.send("cancelOrder", [id(1)], bob)), undefined, "bob's own is 1");
    assert.equal(market.why(market.send("cancelOrder", [id(9)], bob)), "no such order");
    assert.equal(market.why(market.send("cancelOrder", [id(1)], alice)), undefined);
    assert.equal(market.send("cancelOrder", [id(1)], alice).logs.length, 0);
    assert.equal(market.why(market.send("clear", [INTERVAL, 9n])), "gate is open");
    market.toGate();
    assert.equal(market.why(market.send("cancelOrder", [id(2)], alice)), "gate is closed");
    assert.equal(market.why(market.send("clear", [INTERVAL, 9n])), undefined);
    assert.equal(market.view("clearingOf", [INTERVAL]).volumeWh, 0n);
  });

  it("makes a seller who delivers nothing pay the deviation", () => {
    const market = traded();
    market.toEnd();
    market.read(0, 1_000);
    market.read(1, 0);
    market.send("settle", [INTERVAL, 0n, 9n]);
    assert.equal(market.balance(market.people[0]!), -70n);
    assert.equal(market.balance(market.people[1]!), BigInt(70 - SHORTFALL));
    assert.equal(market.balance(market.balancing), BigInt(SHORTFALL));
  });

  it("calls nobody who trades on it, so that nothing comes back into it", () => {
    const market = new MarketRig(2);
    market.open();
    const { rig } = market;
    const { address } = market.market;
    // Called by the market it writes slot 0; by others it hands the call on and writes slot 1.
    const to = `73${hex(address)}`;
    const runtime = `33${to}14603e57365f5f375f5f365f5f${to}5af1600155005b60015f5500`;
    const initCode = Buffer.from(`6044600a5f3960445ff3${runtime}`, "hex");
    const [deployed] = rig.block([rig.deployment(rig.app, initCode)], market.nowMs);
    const trader = deployed!.contract!;
    const through = (data: Uint8Array) =>
      rig.block([rig.call(rig.app, trader, data, 2_000_000)], market.nowMs)[0]!;
    const wrote = (at: number) => {
      const slot = new Uint8Array(32);
      slot[31] = at;
      return new StateView(rig.tree).get(slots, { address: trader, slot });
    };
    market.register(0, `0x${hex(trader)}`);
    assert.equal(through(market.orderData({ price: 100n })).logs.length, 1);
    assert.deepEqual(wrote(1), Uint8Array.of(1), "the order is the contract's own");
    market.order(market.people[1]!, { meter: market.meterId(1), isBuy: false, price: 50n });
    market.toGate();
    assert.equal(through(market.market.data("clear", [INTERVAL, 9n])).logs.length, 3);
    market.toEnd();
    market.read(0, 1_000);
    market.read(1, -1_000);
    assert.equal(through(market.market.data("settle", [INTERVAL, 0n, 9n])).logs.length, 2);
    assert.equal(wrote(0), undefined, "the market never called it");
    assert.equal(market.market.value("balanceOf", [`0x${hex(trader)}`]), -70n);
  });

  it("waits for a meter with a gap until the deadline, then marks it, and settles again what changed", () => {
    const market = traded();
    market.toEnd();
    market.read(0, 1_000);
    market.send("settle", [INTERVAL, 0n, 9n]);
    const state = (at: number) => market.view("positionOf", [INTERVAL, market.meterId(at)]).state;
    assert.deepEqual([state(0), state(1)], [1, 0]);
    market.toEnd(RULES.deadlineMs);
    const late = market.send("settle", [INTERVAL, 0n, 9n]);
    assert.deepEqual([late.logs.length, state(1)], [1, 3], "only the one that was open");
    assert.equal(market.balance(market.people[1]!), BigInt(70 - SHORTFALL));
    market.read(1, -1_000, (INTERVAL + 2) * INTERVAL_MS);
    market.send("settle", [INTERVAL, 0n, 9n]);
    assert.equal(state(1), 2, "estimated: half of what lies between its readings");
    assert.equal(market.balance(market.people[1]!), BigInt(70 - SHORTFALL / 2));
    market.read(1, -1_000);
    assert.equal(market.send("settle", [INTERVAL, 0n, 9n]).logs.length, 1);
    assert.equal(market.send("settle", [INTERVAL, 0n, 9n]).logs.length, 0, "nothing changed");
    assert.equal(market.balance(market.people[1]!), 70n);
    assert.equal(market.balance(market.balancing), 0n);
    market.toEnd(Number(RULES.keptMs));
    assert.equal(market.why(market.send("settle", [INTERVAL, 0n, 9n])), "interval is closed");
  });

  it("keeps the owner of an order when the meter changes hands", () => {
    const market = traded();
    market.register(1, market.address(market.people[0]!));
    market.toEnd();
    market.read(0, 1_000);
    market.read(1, -1_000);
    market.send("settle", [INTERVAL, 0n, 9n]);
    assert.equal(market.balance(market.people[1]!), 70n);
  });

  it("forgets an interval when it is closed, in parts, and not before", () => {
    const market = traded();
    assert.equal(market.why(market.send("forget", [INTERVAL, 9n])), "interval is kept");
    market.toEnd(Number(RULES.keptMs));
    while (market.why(market.send("forget", [INTERVAL, 3n])) === undefined);
    assert.equal(market.view("clearingOf", [INTERVAL]).phase, 0);
    assert.equal(market.view("positionOf", [INTERVAL, market.meterId(0)]).orders, 0);
    assert.equal(market.market.value("meterCount", [INTERVAL]), 0n);
  });
});

/** Meter 0 bought 1 kWh of meter 1 at 75 a kWh, rounded down to the tick: 70. */
function traded(): MarketRig {
  const market = new MarketRig(2);
  const [alice, bob] = market.people;
  market.open();
  market.order(alice!, { quantityWh: 1_000n, price: 100n });
  market.order(bob!, { meter: market.meterId(1), isBuy: false, quantityWh: 1_000n, price: 50n });
  market.toGate();
  market.send("clear", [INTERVAL, 9n]);
  return market;
}
