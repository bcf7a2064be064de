import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { PAGE_BYTES } from "@gridledger/protocol/messages/block-pages";
import { encodeBlocks } from "@gridledger/protocol/messages/blocks";
import { RangeWindow } from "../../edge-node/src/sync/range-window.ts";
import { type Answer, Bench, history, honest } from "./sync-bench.ts";

const blocks = history(60);

/** Answers what is asked, one small block at a time. */
const drip: Answer = (from) => honest(blocks, 1)(from, 1);

describe("range sync", () => {
  it("asks several peers for neighbouring ranges at once", async () => {
    const bench = new Bench({ a: honest(blocks, 8), b: honest(blocks, 8), c: honest(blocks, 8) });
    for (const peer of ["a", "b", "c"]) bench.fetcher.hint(peer, 60);
    await bench.settle();
    assert.equal(bench.height, 60);
    assert.equal(new Set(bench.asked).size, 3);
    assert.deepEqual(bench.faults, []);
    assert.equal(bench.runs[0]?.toHeight, 60);
  });

  it("a claim of a million blocks costs one question, is counted, and the rest goes on", async () => {
    const bench = new Bench({ liar: honest(blocks.slice(0, 1)), good: honest(blocks) });
    bench.fetcher.hint("liar", 1_000_000);
    bench.fetcher.hint("good", 60);
    await bench.turns();
    bench.fetcher.hint("liar", 1_000_000);
    await bench.settle();
    assert.equal(bench.height, 60);
    assert.ok(bench.asked.filter((peer) => peer === "liar").length <= 2);
  });

  it("a peer that withholds a range is set aside and another one gives it", async () => {
    const withholds: Answer = (from, max) =>
      from <= 20 && from + max > 10
        ? encodeBlocks({ headHeight: 60, more: false, blocks: [] })
        : honest(blocks, 8)(from, max);
    const bench = new Bench({ bad: withholds, good: honest(blocks, 8) });
    bench.fetcher.hint("bad", 60);
    bench.fetcher.hint("good", 60);
    await bench.settle();
    assert.equal(bench.height, 60);
    assert.deepEqual(bench.faults[0], ["bad", "NOT_FOUND"]);
    assert.equal(bench.fetcher.faults.get("NOT_FOUND"), bench.faults.length);
  });

  it("a peer that gives a little at a time is set aside while another one has more", async () => {
    const bench = new Bench({ drip, good: () => undefined });
    bench.fetcher.hint("drip", 60);
    bench.fetcher.hint("good", 60);
    bench.clockMs += 600;
    await bench.settle();
    assert.deepEqual(bench.faults[0], ["drip", "SYNC_TRICKLE"]);
    assert.ok(bench.height >= 1, "what it gave is kept");
  });

  it("parts without an end are ended by the clock", (context) => {
    context.mock.timers.enable({ apis: ["setTimeout"] });
    const bench = new Bench({ endless: () => undefined });
    bench.fetcher.hint("endless", 60);
    for (let i = 0; i < 40 && bench.faults.length === 0; i++) {
      const part = { headHeight: 60, more: true, blocks: [Buffer.alloc(50, i + 1)] };
      bench.fetcher.onAnswer("endless", encodeBlocks(part));
      bench.clockMs += 1_000;
      context.mock.timers.tick(1_000);
    }
    bench.fetcher.stop();
    assert.deepEqual(bench.faults, [["endless", "SYNC_TRICKLE"]]);
    assert.ok(bench.clockMs <= 7_000);
  });

  it("what the chain waits for is asked of a second peer when the first is slow", async (context) => {
    context.mock.timers.enable({ apis: ["setTimeout"] });
    const bench = new Bench({ slow: () => undefined, good: honest(blocks) });
    bench.fetcher.hint("slow", 60);
    bench.fetcher.hint("good", 60);
    bench.clockMs += 1_600;
    context.mock.timers.tick(1_600);
    await bench.settle();
    assert.equal(bench.height, 60);
    assert.deepEqual(bench.faults, []);
  });

  it("a late copy of an answer, as a second broker brings it, is nobody's fault", async () => {
    const copies: Uint8Array[] = [];
    const answer: Answer = (from, max) => {
      const bytes = honest(blocks, 8)(from, max)!;
      copies.push(bytes);
      return bytes;
    };
    const bench = new Bench({ a: answer });
    const { onAnswer } = bench.fetcher;
    bench.fetcher.hint("a", 60);
    for (let i = 0; i < 40; i++) {
      await bench.turns(1);
      for (const copy of copies.slice(-2)) onAnswer.call(bench.fetcher, "a", copy);
    }
    await bench.settle();
    assert.equal(bench.height, 60);
    assert.deepEqual(bench.faults, []);
  });

  it("a pruned answer names the archive, which is asked, and is no lie", async () => {
    const archiveId = Buffer.alloc(10, 7);
    const archive = archiveId.toString("hex");
    const pruned: Answer = (from, max) =>
      from < 41
        ? encodeBlocks({
            ...{ headHeight: 60, more: false, blocks: [] },
            pruned: { firstHeight: 41, archiveId },
          })
        : honest(blocks)(from, max);
    const bench = new Bench({ gateway: pruned, [archive]: honest(blocks, 16) });
    bench.fetcher.hint("gateway", 60);
    await bench.settle();
    assert.equal(bench.height, 60);
    assert.deepEqual(bench.faults, []);
    assert.ok(bench.ranges.some(([peer, from]) => peer === "gateway" && from >= 41));
  });

  it("one that says it has pruned what it offers is set aside", async () => {
    const pruned = { firstHeight: 1, archiveId: undefined };
    const bench = new Bench({
      odd: () => encodeBlocks({ headHeight: 60, more: false, blocks: [], pruned }),
    });
    bench.fetcher.hint("odd", 60);
    await bench.settle();
    assert.deepEqual(bench.faults, [["odd", "NOT_FOUND"]]);
  });

  it("a probe tells how high a peer is and lies about nothing else", async () => {
    const bench = new Bench({ a: honest(blocks) });
    bench.fetcher.probe(["a"]);
    await bench.settle();
    assert.equal(bench.height, 60);
  });
});

describe("range window", () => {
  const page = (peer: string, fromHeight: number, count: number, bytes: number) => {
    const made = Array.from({ length: count }, () => new Uint8Array(bytes));
    return { peer, fromHeight, blocks: made, bytes: count * bytes };
  };

  it("never holds more than its bytes, but for what the chain waits for", () => {
    const window = new RangeWindow({ maxBytes: 4 * PAGE_BYTES });
    const head = 0;
    const first = window.peek(10_000, head)!;
    window.take(first);
    assert.equal(window.peek(10_000, head), undefined, "one page until the size is known");
    window.put(first, page("a", 1, 1, 30_000), head);
    let asked = 0;
    for (let range = window.peek(10_000, head); range; range = window.peek(10_000, head)) {
      window.take(range);
      if (++asked > 100) break;
      if (range.fromHeight > 2) window.put(range, page("a", range.fromHeight, 4, 30_000), head);
    }
    assert.ok(window.bytes <= 5 * PAGE_BYTES, `${window.bytes}`);
    assert.ok(asked <= 6);
  });

  it("gives every height exactly once whatever is answered, lost or forgotten", () => {
    const window = new RangeWindow({ maxBytes: 100 * PAGE_BYTES });
    let head = 0;
    let turn = 0;
    const taken: number[] = [];
    while (head < 500 && turn++ < 10_000) {
      const range = window.peek(500, head);
      if (range !== undefined) {
        window.take(range);
        if (turn % 5 === 0) window.giveBack(range, head);
        else {
          const count = Math.min(range.toHeight - range.fromHeight + 1, 1 + (turn % 7));
          window.put(range, page(turn % 2 ? "a" : "b", range.fromHeight, count, 100), head);
        }
      }
      if (turn % 11 === 0) window.forget("a", head);
      const ready = window.takePage(head);
      if (ready === undefined) continue;
      for (let i = 0; i < ready.blocks.length; i++) taken.push(ready.fromHeight + i);
      head = ready.fromHeight + ready.blocks.length - 1;
      window.onHead(head);
    }
    assert.equal(head, 500);
    assert.deepEqual([...new Set(taken)].length, taken.length);
    assert.equal(taken.length, 500);
  });
});
