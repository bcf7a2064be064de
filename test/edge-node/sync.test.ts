import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Fault } from "@gridledger/protocol/faults";
import { equalBytes, formatHex } from "@gridledger/protocol/hex";
import { genesisState } from "@gridledger/protocol/ledger/genesis-state";
import { decodeBlocks, encodeBlocks } from "@gridledger/protocol/messages/blocks";
import { encodeGetBlocks } from "@gridledger/protocol/messages/get-blocks";
import { peekMessageType } from "@gridledger/protocol/messages/message-type";
import { messageType } from "@gridledger/protocol/messages/numbers";
import { encodeStatus } from "@gridledger/protocol/messages/status";
import { PreparedTransaction } from "../../edge-node/src/state/prepared-transaction.ts";
import { BlockAssembly } from "../../edge-node/src/sync/block-assembly.ts";
import { BlockServer } from "../../edge-node/src/sync/block-server.ts";
import { BodyExchange } from "../../edge-node/src/sync/body-exchange.ts";
import { Heartbeat } from "../../edge-node/src/sync/heartbeat.ts";
import { PeerStatuses } from "../../edge-node/src/sync/peer-statuses.ts";
import { Meter, network, type Person, sealedBlock, suite } from "./support.ts";
import { Bench, encode, history, honest, net, parts } from "./sync-bench.ts";

const { chain, devices, validators } = net;
const [device] = devices as [Person];

describe("block fetcher", () => {
  const blocks = history(7);

  it("catches up page by page", async () => {
    const bench = new Bench({ a: honest(blocks, 3) });
    bench.fetcher.hint("a", 7);
    await bench.settle();
    assert.equal(bench.height, 7);
    assert.deepEqual(bench.asked, ["a", "a", "a"]);
  });

  it("a peer that lies about blocks is left for another one, and nothing it said is kept", async () => {
    const otherNet = network();
    const genesis = { ...parts().ledger.head, hash: otherNet.chain.chainId };
    const foreign = sealedBlock(otherNet, { ...genesis, tree: genesisState(otherNet.chain) }, [
      new Meter(otherNet.chain, otherNet.devices[0]!, "m").next(),
    ]);
    const damaged = Buffer.from(blocks[0]!);
    damaged[200]! ^= 1;
    const stripped = sealedBlock(net, parts().ledger.head, [new Meter(chain, device, "m").next()]);
    const unsealed = { ...stripped, seal: { round: 0, signatures: [] } };
    const lies = [
      Uint8Array.of(1, 2, 3),
      encodeBlocks({ headHeight: 7, more: false, blocks: [Uint8Array.of(0)] }),
      encodeBlocks({ headHeight: 7, more: false, blocks: [damaged] }),
      encodeBlocks({ headHeight: 7, more: false, blocks: [encode(foreign)] }),
      encodeBlocks({ headHeight: 7, more: false, blocks: [encode(unsealed)] }),
      encodeBlocks({ headHeight: 7, more: false, blocks: [blocks[3]!] }),
      encodeBlocks({ headHeight: 7, more: false, blocks: [] }),
    ];
    for (const lie of lies) {
      const bench = new Bench({ liar: () => lie, good: honest(blocks) });
      bench.fetcher.hint("liar", 1_000_000);
      bench.fetcher.hint("good", 7);
      await bench.settle();
      assert.equal(bench.faults[0]?.[0], "liar");
      assert.equal(bench.height, 7);
      assert.ok(bench.asked.filter((peer) => peer === "liar").length <= 2);
    }
  });

  it("what was good before the lie stays", async () => {
    const bench = new Bench({
      liar: () =>
        encodeBlocks({
          headHeight: 7,
          more: false,
          blocks: [...blocks.slice(0, 2), blocks[0]!.subarray(5)],
        }),
    });
    bench.fetcher.hint("liar", 7);
    await bench.settle();
    assert.equal(bench.height, 2);
    assert.equal(bench.faults.length, 1);
  });

  it("a peer that does not answer is left for another one", async (context) => {
    context.mock.timers.enable({ apis: ["setTimeout"] });
    const bench = new Bench({ mute: () => undefined, good: honest(blocks) });
    bench.fetcher.hint("mute", 7);
    bench.fetcher.hint("good", 7);
    context.mock.timers.tick(5_001);
    await bench.settle();
    assert.deepEqual(bench.asked.slice(0, 2), ["mute", "good"]);
    assert.equal(bench.height, 7);
  });

  it("one who was not asked is not listened to", async () => {
    const bench = new Bench({ mute: () => undefined });
    bench.fetcher.hint("mute", 7);
    bench.fetcher.onAnswer("stranger", honest(blocks)(1, 64)!);
    await bench.settle();
    assert.equal(bench.height, 0);
  });

  it("the block that consensus is deciding is not asked for at once", async () => {
    const bench = new Bench({ a: honest(blocks) });
    bench.fetcher.hint("a", 1);
    await bench.settle();
    assert.deepEqual(bench.asked, []);
  });

  it("a block in slices is put together, whatever is repeated", () => {
    const block = suite.hash();
    const messages = [0, 12, 24].map((at) => ({
      headHeight: 1,
      more: at < 24,
      blocks: [block.subarray(at, at + 12)],
    }));
    const assembly = new BlockAssembly(1_000);
    const [a, b, c] = messages as [
      (typeof messages)[0],
      (typeof messages)[0],
      (typeof messages)[0],
    ];
    for (const message of [a, a, b, a, b]) assert.equal(assembly.add(message), undefined);
    const whole = assembly.add(c);
    assert.ok(equalBytes(whole![0]!, block));
  });

  it("slices without end are refused", () => {
    const assembly = new BlockAssembly(1_000);
    assert.throws(
      () => {
        for (let i = 0; i < 100; i++) {
          const slice = Buffer.alloc(100_000, i);
          assembly.add({ headHeight: 1, more: true, blocks: [slice] });
        }
      },
      { code: "CBOR_LIMIT" },
    );
  });
});

describe("block server", () => {
  const server = (block: Uint8Array, taken: () => boolean) => {
    const sent: Uint8Array[] = [];
    const faults: Fault[] = [];
    let sleeps = 0;
    const blockServer = new BlockServer({
      store: { read: () => Promise.resolve([block]) },
      headHeight: () => 9,
      pruned: () => undefined,
      send: (_, bytes) => {
        if (!taken()) return false;
        sent.push(bytes);
        return true;
      },
      sleep: () => {
        sleeps++;
        return Promise.resolve();
      },
      onFault: (_, fault) => faults.push(fault),
    });
    return { blockServer, sent, faults, sleeps: () => sleeps };
  };
  const request = encodeGetBlocks({ fromHeight: 1, maxBlocks: 4 });

  it("slices a block that is larger than a message, and the fetcher's assembly takes it", async () => {
    const block = Buffer.alloc(300_000);
    const { blockServer, sent } = server(block, () => true);
    await blockServer.onRequest("p", request);
    assert.equal(sent.length, 3);
    const assembly = new BlockAssembly(1_000_000);
    const outcomes = sent.map((bytes) => assembly.add(decodeBlocks(bytes)));
    assert.ok(equalBytes(outcomes.at(-1)![0]!, block));
  });

  it("waits for a connection with a backlog and gives up in the end", async () => {
    let tries = 0;
    const slow = server(Buffer.alloc(10), () => ++tries > 3);
    await slow.blockServer.onRequest("p", request);
    assert.equal(slow.sent.length, 1);
    assert.equal(slow.sleeps(), 3);
    const dead = server(Buffer.alloc(10), () => false);
    await dead.blockServer.onRequest("p", request);
    assert.equal(dead.sent.length, 0);
  });

  it("answers a peer once at a time; junk is a fault of the peer alone", async () => {
    const { blockServer, sent, faults } = server(Buffer.alloc(10), () => true);
    await Promise.all([1, 2, 3].map(() => blockServer.onRequest("p", request)));
    assert.equal(sent.length, 1);
    await blockServer.onRequest("p", Uint8Array.of(9));
    assert.equal(faults.length, 1);
    await blockServer.onRequest("p", request);
    assert.equal(sent.length, 2);
  });
});

describe("body exchange", () => {
  it("a node gives what another one lacks, and only what was wanted is held", async () => {
    const [giver, taker] = [parts(), parts()];
    const meter = new Meter(chain, device, "m");
    const bodies = [meter.next(), meter.next()].map(
      (bytes) => new PreparedTransaction(chain, bytes),
    );
    for (const body of bodies) assert.equal(giver.pool.add(body), undefined);
    let arrived = 0;
    const exchangeOf = (node: typeof giver, send: (peer: string, bytes: Uint8Array) => boolean) =>
      new BodyExchange({
        chain,
        bodies: node.bodies,
        find: node.find,
        queuedBytes: () => 0,
        sleep: () => Promise.resolve(),
        send,
        clock: () => 0,
        onArrived: () => arrived++,
        onFault: (_, fault) => assert.fail(fault),
      });
    const answers: Uint8Array[] = [];
    const requests: Uint8Array[] = [];
    const giving = exchangeOf(giver, (_, bytes) => answers.push(bytes) > 0);
    const taking = exchangeOf(taker, (_, bytes) => requests.push(bytes) > 0);
    await taking.fetch("giver", [bodies[0]!.hash, suite.hash()]);
    giving.onRequest("taker", requests[0]!);
    taking.onAnswer("giver", answers[0]!);
    assert.equal(arrived, 1);
    assert.ok(taker.bodies.get(bodies[0]!.key));
    taking.onAnswer("giver", answers[0]!);
    assert.equal(arrived, 1, "a second time it is not wanted");
    assert.equal(taker.bodies.get(bodies[1]!.key), undefined);
    for (let i = 0; i < 90_000; i++) giving.onRequest("taker", requests[0]!);
    assert.ok(answers.length < 80_000, "a peer is not given everything it asks for");
  });
});

describe("statuses", () => {
  const [me, peer] = validators as [Person, Person];
  const bootId = Buffer.alloc(8, 1);
  const status = (signer: Person, change: object = {}) =>
    encodeStatus(suite, signer.signer, chain.chainId, {
      height: 5,
      headHash: new Uint8Array(32),
      round: 0,
      bootId,
      poolSize: 0,
      timeMs: 2_000,
      ...change,
    });

  function listener() {
    const heard: string[] = [];
    const statuses = new PeerStatuses(
      {
        chain,
        state: () => parts().ledger.head.state,
        onStatus: (publisher, { height }) => heard.push(`${publisher}:${height}`),
        onEcho: () => heard.push("echo"),
        onOwnKeyElsewhere: () => heard.push("elsewhere"),
        onInvalid: (_, { code }) => heard.push(code),
      },
      { ownId: me.id, bootId, startedMs: 1_000 },
    );
    const from = (who: Person, bytes: Uint8Array) => statuses.onMessage(formatHex(who.id), bytes);
    return { heard, from };
  }

  it("are believed with the signature of the identity in the topic and no other", () => {
    const { heard, from } = listener();
    from(peer, status(peer));
    from(peer, status(me));
    from(peer, Uint8Array.of(1));
    assert.deepEqual(heard, [`${formatHex(peer.id)}:5`, "SIGNATURE_INVALID", "CBOR_SHAPE"]);
  });

  it("an older one of the same start is a replay", () => {
    const { heard, from } = listener();
    from(peer, status(peer, { timeMs: 3_000, height: 6 }));
    from(peer, status(peer, { timeMs: 2_999 }));
    assert.equal(heard.length, 1);
  });

  it("the own key under another start is an alarm, unless it is the process before this one", () => {
    const { heard, from } = listener();
    from(me, status(me));
    from(me, status(me, { bootId: Buffer.alloc(8, 2), timeMs: 900 }));
    from(me, status(me, { bootId: Buffer.alloc(8, 2), timeMs: 1_100 }));
    assert.deepEqual(heard, ["echo", "elsewhere"]);
  });

  it("beat every 5 s while active, every 60 s while idle, and not twice in a second", (context) => {
    context.mock.timers.enable({ apis: ["setInterval"] });
    let clockMs = 0;
    let beats = 0;
    let isActive = true;
    const heartbeat = new Heartbeat({
      isActive: () => isActive,
      beat: () => beats++,
      clock: () => clockMs,
    });
    const pass = (ms: number) => {
      for (let i = 0; i < ms / 1_000; i++) {
        clockMs += 1_000;
        context.mock.timers.tick(1_000);
      }
    };
    heartbeat.start();
    heartbeat.soon();
    heartbeat.soon();
    assert.equal(beats, 1);
    heartbeat.now();
    assert.equal(beats, 2, "what has changed does not wait");
    pass(30_000);
    assert.equal(beats, 8);
    isActive = false;
    pass(120_000);
    assert.equal(beats, 10);
    heartbeat.stop();
    pass(120_000);
    assert.equal(beats, 10);
  });
});

describe("message types", () => {
  it("are read from the first bytes, and junk has none", () => {
    assert.equal(
      peekMessageType(encodeGetBlocks({ fromHeight: 1, maxBlocks: 1 })),
      messageType.getBlocks,
    );
    assert.equal(peekMessageType(new Uint8Array()), undefined);
    assert.equal(peekMessageType(Uint8Array.of(0xff, 1, 8)), undefined);
  });
});
