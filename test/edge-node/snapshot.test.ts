import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { Fault } from "@gridledger/protocol/faults";
import { encodeGetSnapshot } from "@gridledger/protocol/messages/get-snapshot";
import { decodeSnapshot, encodeSnapshot } from "@gridledger/protocol/messages/snapshot";
import { assembleChain } from "../../edge-node/src/chain/chain-parts.ts";
import { PreparedTransaction } from "../../edge-node/src/state/prepared-transaction.ts";
import { ChainStore } from "../../edge-node/src/store/chain-store.ts";
import { SnapshotFetcher } from "../../edge-node/src/sync/snapshot-fetcher.ts";
import { SnapshotServer } from "../../edge-node/src/sync/snapshot-server.ts";
import { enrol, Meter, network, person, sealedBlock } from "./support.ts";

const net = network();
const { chain, devices, operator } = net;
/** Enough for a snapshot of several parts. */
const METERS = 2_500;
let folder = "";
let files = 0;

async function openNode(file = join(folder, `chain-${files++}.sqlite`)) {
  const store = new ChainStore({ chain }, file);
  const loaded = await store.open();
  return { file, store, ...partsOf(store, loaded) };
}

function partsOf(store: ChainStore, loaded: Awaited<ReturnType<ChainStore["open"]>>) {
  return assembleChain(
    {
      ...{ chain, store, now: Date.now, clock: () => 0, onDropped: () => {} },
      onStoreFault: (fault) => assert.fail(fault),
    },
    loaded,
    undefined,
  );
}

type OpenNode = Awaited<ReturnType<typeof openNode>>;

const enrolled = person();
const enrolment = enrol(chain, operator, enrolled);
const meter = new Meter(chain, devices[0]!, "after");

function grow({ ledger }: OpenNode, transactions: readonly Uint8Array[]) {
  const sealed = sealedBlock(net, ledger.head, transactions);
  ledger.import(sealed, "sync");
  return sealed;
}

type Peer = (request: Uint8Array) => Promise<Uint8Array | undefined>;

function serverOf(node: OpenNode): Peer {
  let answer: Uint8Array | undefined;
  const server = new SnapshotServer({
    head: () => node.ledger.head,
    store: {
      sealedAt: (height) => node.store.sealedAt(height),
      handoversTo: (height) => node.store.incoming.handoversTo(height),
    },
    send: (_, bytes) => {
      answer = bytes;
      return true;
    },
    clock: () => 0,
    onFault: (_, fault: Fault) => assert.fail(fault),
  });
  return async (request) => {
    answer = undefined;
    await server.onRequest("asker", request);
    return answer;
  };
}

function fetcher(node: OpenNode, peers: Readonly<Record<string, Peer>>) {
  const asked: string[] = [];
  const faults: [peer: string, code: string][] = [];
  const fetch: SnapshotFetcher = new SnapshotFetcher({
    chain,
    incoming: node.store.incoming,
    peers: () => Object.keys(peers),
    send: (peer, bytes) => {
      asked.push(peer);
      void peers[peer]!(bytes).then((answer) => answer && fetch.onAnswer(peer, answer));
      return true;
    },
    sleep: () => Promise.resolve(),
    log: {
      info: () => {},
      warn: (data) => {
        const { peer, code } = data as { peer?: string; code?: string };
        if (peer !== undefined && code !== undefined) faults.push([peer, code]);
      },
    },
  });
  return { fetch, asked, faults };
}

describe("snapshot sync", () => {
  let full: OpenNode;
  let honest: Peer;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "gl-snapshot-"));
    full = await openNode();
    const meters = Array.from({ length: METERS }, (_, i) => new Meter(chain, devices[0]!, `m${i}`));
    grow(full, [enrolment]);
    grow(
      full,
      meters.map((each) => each.next()),
    );
    await full.ledger.stored;
    honest = serverOf(full);
  });
  after(async () => {
    await full.store.close();
    await rm(folder, { recursive: true, force: true });
  });

  it("gives the state of a proven header, and the chain goes on above it", async () => {
    const node = await openNode();
    const { fetch, asked, faults } = fetcher(node, { a: honest });
    assert.equal(await fetch.run(), 2);
    assert.ok(asked.length > 4, "it came in parts");
    assert.deepEqual(faults, []);
    assert.equal(node.store.firstHeight, 3);
    const loaded = await node.store.load();
    const parts = partsOf(node.store, loaded);
    assert.deepEqual(parts.ledger.head.tree.root, full.ledger.head.tree.root);
    const next = sealedBlock(net, full.ledger.head, [meter.next()]);
    assert.ok(parts.ledger.import(next, "sync"));
    await parts.ledger.stored;
    await node.store.close();
    const again = await openNode(node.file);
    assert.equal(again.ledger.head.height, 3);
    assert.equal((await again.store.read(3, 4, 1e6)).length, 1);
    await again.store.close();
  });

  it("refuses the replay that every other node refuses", async () => {
    const node = await openNode();
    await fetcher(node, { a: honest }).fetch.run();
    const { ledger } = partsOf(node.store, await node.store.load());
    assert.equal(ledger.recent.size, 1);
    assert.ok(ledger.recent.has(new PreparedTransaction(chain, enrolment).key));
    await node.store.close();
  });

  it("a peer that lies about outline, seal or part is left for another one", async () => {
    const twisted =
      (
        change: (answer: ReturnType<typeof decodeSnapshot>) => ReturnType<typeof decodeSnapshot>,
      ): Peer =>
      async (request) =>
        encodeSnapshot(change(decodeSnapshot((await honest(request))!)));
    const lies: Readonly<Record<string, Peer>> = {
      junk: () => Promise.resolve(Buffer.from("junk")),
      unsealed: twisted((answer) =>
        answer.form === "part" ? answer : { ...answer, seal: { round: 0, signatures: [] } },
      ),
      mixed: twisted((answer) =>
        answer.form === "part" ? answer : { ...answer, parts: [...answer.parts].reverse() },
      ),
      changed: twisted((answer) =>
        answer.form === "outline"
          ? answer
          : {
              ...answer,
              entries: answer.entries.map(([key, value], i) =>
                i === 0 ? ([key, Buffer.alloc(value.length)] as const) : ([key, value] as const),
              ),
            },
      ),
      short: twisted((answer) =>
        answer.form === "outline" ? answer : { ...answer, entries: answer.entries.slice(1) },
      ),
    };
    for (const [name, liar] of Object.entries(lies)) {
      const node = await openNode();
      const { fetch, faults } = fetcher(node, { liar, good: honest });
      assert.equal(await fetch.run(), 2, name);
      assert.ok(faults.length > 0, name);
      assert.ok(
        faults.every(([peer]) => peer === "liar"),
        name,
      );
      const loaded = await node.store.load();
      assert.deepEqual(loaded.tree.root, full.ledger.head.tree.root);
      await node.store.close();
    }
  });

  it("goes on with the parts that are here after a restart and with another peer", async () => {
    const node = await openNode();
    let given = 0;
    const dies: Peer = (request) => (given++ < 4 ? honest(request) : Promise.resolve(Buffer.of(0)));
    await fetcher(node, { dies }).fetch.run();
    await node.store.close();
    const again = await openNode(node.file);
    assert.equal(again.ledger.head.height, 0);
    const { fetch, asked } = fetcher(again, { good: honest });
    assert.equal(await fetch.run(), 2);
    const whole = fetcher(await openNode(), { good: honest });
    await whole.fetch.run();
    assert.equal(asked.length, whole.asked.length - 3, "three parts were here already");
    await again.store.close();
  });

  it("nobody who gives one is no reason to wait for ever", async () => {
    const node = await openNode();
    const { fetch } = fetcher(node, {});
    assert.equal(await fetch.run(), undefined);
    assert.equal((await node.store.load()).head, undefined);
    await node.store.close();
  });

  it("what was asked of an old snapshot is answered with the outline of a newer one", async () => {
    const answer = decodeSnapshot(
      (await honest(encodeGetSnapshot({ height: 1, depth: 0, index: 0 })))!,
    );
    assert.equal(answer.form, "outline");
  });
});
