import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Proposal } from "@gridledger/protocol/governance/proposal";
import {
  forecast,
  type PlannedChange,
  type Seat,
} from "@gridledger/protocol/governance/quorum-guard";
import fc from "fast-check";
import { addition, keyOf, removal } from "./council.ts";

/** One letter a validator: `+` is online, `-` is not. */
const seatsOf = (pattern: string): Seat[] =>
  [...pattern].map((sign, i) => ({ publicKey: keyOf(i), name: `v${i}`, online: sign === "+" }));

const judge = (pattern: string, proposal: Proposal, isJoinerOnline = true) => {
  const seats = seatsOf(pattern);
  const votes = Math.ceil((2 * seats.length) / 3);
  return forecast({ seats, votes, planned: [] }, planOf(proposal, isJoinerOnline));
};

const planOf = ({ action, effectiveAtHeight }: Proposal, isJoinerOnline = true): PlannedChange => {
  return { action, fromHeight: effectiveAtHeight, isJoinerOnline };
};

describe("the quorum guard", () => {
  it("says n, f and quorum before and after", () => {
    const { before, after, verdict } = judge("++++", addition(6, 0));
    assert.deepEqual(before, { validators: 4, online: 4, quorum: 3, faultTolerance: 1 });
    assert.deepEqual(after, { validators: 5, online: 5, quorum: 4, faultTolerance: 1 });
    assert.equal(verdict, "safe");
  });

  it("FISCO-BCOS#3876: with an organisation offline, the order decides whether the chain lives", () => {
    // Four nodes of one organisation, two of another whose site is down: four of six are a quorum.
    const wrong = judge("++++--", removal(0));
    assert.equal(wrong.verdict, "stops-chain");
    assert.match(wrong.reason, /3 of 5 validators would be online, 4 are needed/);
    assert.deepEqual(wrong.safeOrder, ["remove v4, which is offline", "remove v0"]);
    // Its own nodes may go, one after the other, and leave more room than there was.
    assert.equal(judge("++++--", removal(5)).verdict, "no-reserve");
    assert.equal(judge("++++-", removal(4)).verdict, "safe");
  });

  it("a node that is not there yet would make the quorum larger than what is online", () => {
    const { verdict, safeOrder } = judge("+++-", addition(6, 0), false);
    assert.equal(verdict, "stops-chain");
    assert.deepEqual(safeOrder, ["remove v3, which is offline", "add v6"]);
    assert.equal(judge("+++-", addition(6, 0)).verdict, "no-reserve");
  });

  it("says when nobody can approve it any more", () => {
    assert.equal(judge("++---", removal(4)).verdict, "stops-chain");
    assert.equal(judge("++-", removal(2)).verdict, "no-reserve");
    const seats = seatsOf("+++-");
    const unanimous = forecast({ seats, votes: 4, planned: [] }, planOf(addition(6, 0)));
    assert.equal(unanimous.verdict, "cannot-pass");
  });

  it("changes for later heights add up: each is harmless, together they stop the chain", () => {
    const seats = seatsOf("+++++--");
    const soon = planOf(removal(0, { effectiveAtHeight: 50 }));
    const later = planOf(removal(1, { effectiveAtHeight: 90 }));
    const council = { seats, votes: 5, planned: [] };
    assert.equal(forecast(council, soon).verdict, "no-reserve", "4 of 6, and 4 are needed");
    const both = forecast({ ...council, planned: [soon] }, later);
    assert.equal(both.verdict, "stops-chain");
    assert.match(both.reason, /3 of 5 validators would be online, 4 are needed/);
    const before = forecast({ ...council, planned: [later] }, soon);
    assert.equal(before.verdict, "stops-chain", "the later one breaks on the earlier one");
    assert.match(before.reason, /from height 90 on/);
    assert.match(before.safeOrder[0]!, /wait until the change of height 90/);
  });

  it("property: removing who is offline never stops a chain that runs", () => {
    fc.assert(
      fc.property(patterns, (pattern) => {
        const offline = pattern.indexOf("-");
        fc.pre(offline >= 0 && isRunning(pattern));
        assert.notEqual(judge(pattern, removal(offline)).verdict, "stops-chain");
      }),
    );
  });

  it("property: the verdict is that of counting, and the safe order keeps the chain alive", () => {
    let refused = 0;
    fc.assert(
      fc.property(patterns, fc.nat(9), (pattern, at) => {
        fc.pre(at < pattern.length && pattern.length > 1 && isRunning(pattern));
        const { verdict, safeOrder } = judge(pattern, removal(at));
        assert.equal(verdict === "stops-chain", !isRunning(without(pattern, at)));
        assert.equal(safeOrder.length > 0, verdict === "stops-chain");
        if (verdict !== "stops-chain" || safeOrder[0]!.startsWith("bring")) return;
        refused++;
        const gone = safeOrder.map((step) => Number(/remove v(\d+)/.exec(step)![1]));
        assert.equal(gone.at(-1), at);
        for (let i = 1; i <= gone.length; i++) {
          const left = [...pattern].filter((_, seat) => !gone.slice(0, i).includes(seat)).join("");
          assert.ok(isRunning(left), `${pattern} after ${safeOrder.slice(0, i)}`);
        }
      }),
      { numRuns: 2_000 },
    );
    assert.ok(refused > 20, `only ${refused} were refused with an order`);
  });
});

const patterns = fc
  .array(fc.constantFrom("+", "+", "+", "-"), { minLength: 2, maxLength: 10 })
  .map((signs) => signs.join(""));

/** By hand, not by the code under test: two thirds of all, rounded up. */
function isRunning(pattern: string): boolean {
  return (
    pattern.length > 0 &&
    3 * [...pattern].filter((sign) => sign === "+").length >= 2 * pattern.length
  );
}

const without = (pattern: string, at: number) => pattern.slice(0, at) + pattern.slice(at + 1);
