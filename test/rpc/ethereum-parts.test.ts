import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { allowsMethod, methodGroups } from "@gridledger/protocol/access/rpc-users";
import { Fault } from "@gridledger/protocol/faults";
import { BlockReader } from "../../edge-node/src/rpc/ethereum/block-reader.ts";
import { CallGate } from "../../edge-node/src/rpc/ethereum/call-gate.ts";
import type { EthereumSource } from "../../edge-node/src/rpc/ethereum/ethereum-source.ts";
import { Filters } from "../../edge-node/src/rpc/ethereum/filters.ts";
import { LogSearch, matches, patternOf } from "../../edge-node/src/rpc/ethereum/log-search.ts";
import { RawSender } from "../../edge-node/src/rpc/ethereum/raw-sender.ts";
import { ethereumMethods } from "../../edge-node/src/rpc/methods/ethereum-methods.ts";
import { network } from "../edge-node/support.ts";

const codeOf = async (work: () => unknown): Promise<string | undefined> => {
  try {
    await work();
    return undefined;
  } catch (thrown) {
    return (thrown as Fault).code;
  }
};
const word = (byte: number) => `0x${byte.toString(16).padStart(2, "0").repeat(32)}`;
const bytes = (hex: string) => Buffer.from(hex.slice(2), "hex");
/** A node with so many blocks, of which it has kept those from a height on. */
function nodeWith(height: number, firstHeight: number): EthereumSource {
  return {
    chain: network().chain,
    head: { height },
    firstHeight,
    stored: () => Promise.resolve(),
    stateAt: () => undefined,
    records: { between: () => Promise.resolve([]) },
  } as unknown as EthereumSource;
}

describe("the methods of Ethereum", () => {
  const names = ethereumMethods(nodeWith(9, 1)).map(({ name }) => name);

  it("are each in one group: reading is permitted apart from sending", () => {
    const grouped = Object.values(methodGroups).flat();
    assert.deepEqual([...grouped].sort(), [...names].sort());
    const reads = names.filter((name) => allowsMethod(["@ethereum-read"], name));
    assert.deepEqual(
      names.filter((name) => !reads.includes(name)),
      ["eth_sendRawTransaction"],
    );
    assert.equal(allowsMethod(["@ethereum-send"], "eth_sendRawTransaction"), true);
    assert.equal(allowsMethod(["@ethereum-read"], "@ethereum-read"), false);
  });
});

describe("a search for logs", () => {
  const log = { address: bytes(word(7)).subarray(12), topics: [1, 2].map((n) => bytes(word(n))) };
  const hits = (filter: object) => matches(patternOf(filter), { ...log, data: new Uint8Array() });

  it("takes addresses and topics as Ethereum does: any of a list, null for all, shorter lists", () => {
    const address = `0x${"07".repeat(20)}`;
    assert.equal(hits({}), true);
    assert.equal(hits({ address: [address.replace("7", "8"), address] }), true);
    assert.equal(hits({ address: address.replace("7", "8") }), false);
    assert.equal(hits({ topics: [null, word(2)] }), true);
    assert.equal(hits({ topics: [[word(9), word(1)]] }), true);
    assert.equal(hits({ topics: [word(2)] }), false);
    assert.equal(hits({ topics: [null, null, null] }), false);
  });

  it("is bounded, and says so where blocks are pruned", async () => {
    const source = nodeWith(50_000, 100);
    const search = new LogSearch(source, new BlockReader(source));
    const find = (fromBlock: number, toBlock: number) =>
      codeOf(() => search.find({ fromBlock, toBlock }));
    assert.equal(await find(1_000, 11_000), "LOG_RANGE");
    assert.equal(await find(1_000, 10_999), undefined);
    assert.equal(await find(50, 60), "NOT_FOUND");
    assert.equal(await find(60_000, 60_001), "NOT_FOUND");
  });

  it("asks for a state that is gone in vain", async () => {
    const reader = new BlockReader(nodeWith(90, 1));
    assert.equal(await codeOf(() => reader.stateOf(3)), "STATE_GONE");
  });
});

describe("filters", () => {
  const all = { pattern: undefined, from: 1, to: Number.POSITIVE_INFINITY };

  it("tell of each block once, belong to their caller, and go when nobody asks", async () => {
    let now = 0;
    const filters = new Filters(() => now);
    const id = filters.add({ caller: "ann", ...all }, 5);
    assert.equal(filters.due("ann", id, 4), undefined);
    assert.deepEqual(filters.due("ann", id, 7), [5, 7]);
    assert.deepEqual(filters.due("ann", id, 7), [5, 7], "until it is told");
    filters.told(id, 7);
    assert.equal(filters.due("ann", id, 7), undefined);
    assert.deepEqual(filters.due("ann", id, 9_000), [8, 2_007]);
    assert.equal(await codeOf(() => filters.get("bob", id)), "FILTER_UNKNOWN");
    assert.equal(filters.remove("bob", id), false);
    now = 300_001;
    assert.equal(await codeOf(() => filters.get("ann", id)), "FILTER_UNKNOWN");
  });

  it("are so many a caller and no more", async () => {
    const filters = new Filters(() => 0);
    const add = (caller: string) => filters.add({ caller, ...all }, 1);
    const first = add("ann");
    for (let i = 1; i < 64; i++) add("ann");
    assert.equal(await codeOf(() => add("ann")), "FILTER_LIMIT");
    assert.equal(filters.remove("ann", first), true);
    assert.ok(add("ann") && add("bob"));
  });
});

describe("calls", () => {
  it("run one after the other with rests, and those that wait are bounded", async () => {
    let now = 0;
    const rests: number[] = [];
    const sleep = async (ms: number) => {
      rests.push(ms);
    };
    const gate = new CallGate({ clock: () => now, sleep });
    const slow = () => {
      now += 100;
      return now;
    };
    const many = Array.from({ length: 65 }, () => gate.run(slow).catch(({ code }) => code));
    assert.deepEqual((await Promise.all(many)).slice(-2), [6_400, "RATE_LIMITED"]);
    assert.equal(rests[0], 200);
    const refused = gate.run(() => {
      throw new Fault("CALL_FAILED");
    });
    assert.equal(await codeOf(() => refused), "CALL_FAILED");
    assert.equal(await gate.run(() => 1), 1);
  });
});

describe("a raw transaction that is sent", () => {
  const raw = bytes(
    "0xf85f8080825208945555555555555555555555555555555555555555808025a0" +
      `${"11".repeat(32)}a0${"22".repeat(32)}`,
  );

  it("is carried once while it waits, again after it has gone", () => {
    const pool = new Set<string>();
    let carried = 0;
    const carry = () => {
      pool.add(`${carried}`);
      return `${carried++}`;
    };
    const sender = new RawSender({ carry, isWaiting: (key) => pool.has(key) });
    const name = sender.send(raw);
    assert.deepEqual(sender.send(raw), name);
    assert.deepEqual([carried, sender.isWaiting(name)], [1, true]);
    pool.clear();
    assert.equal(sender.isWaiting(name), false);
    sender.send(raw);
    assert.equal(carried, 2);
  });

  it("of another content under the same number is refused in the words that libraries know", async () => {
    const carry = () => {
      throw new Fault("TX_REPLAYED");
    };
    const sender = new RawSender({ carry, isWaiting: () => false });
    assert.throws(() => sender.send(raw), /replacement transaction underpriced/);
  });
});
