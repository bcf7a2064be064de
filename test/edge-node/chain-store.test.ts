import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, open, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { Fault } from "@gridledger/protocol/faults";
import { encodeBlock } from "@gridledger/protocol/ledger/block";
import { assembleChain } from "../../edge-node/src/chain/chain-parts.ts";
import type { SealedBlock } from "../../edge-node/src/chain/ledger.ts";
import { PreparedTransaction } from "../../edge-node/src/state/prepared-transaction.ts";
import { ChainStore } from "../../edge-node/src/store/chain-store.ts";
import { enrol, Meter, network, person, sealedBlock } from "./support.ts";

const net = network();
const { chain, devices, operator } = net;
const [device] = devices as [(typeof devices)[0]];
let folder = "";

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "gl-store-"));
});
after(() => rm(folder, { recursive: true, force: true }));

let files = 0;
const newFile = () => join(folder, `chain-${files++}.sqlite`);

async function openNode(file: string) {
  const store = new ChainStore({ chain }, file);
  const loaded = await store.open();
  const parts = assembleChain(
    {
      chain,
      store,
      now: Date.now,
      clock: () => 0,
      onStoreFault: (fault) => assert.fail(fault),
      onDropped: () => {},
    },
    loaded,
    undefined,
  );
  return { store, loaded, ...parts };
}

type OpenNode = Awaited<ReturnType<typeof openNode>>;

function grow({ ledger }: OpenNode, encoded: readonly Uint8Array[]): SealedBlock {
  const sealed = sealedBlock(net, ledger.head, encoded);
  ledger.import(sealed, "sync");
  return sealed;
}

async function withBlocks(file: string, count: number, metersPerBlock = 1): Promise<OpenNode> {
  const node = await openNode(file);
  const meters = Array.from(
    { length: metersPerBlock },
    (_, i) => new Meter(chain, device, `meter-${i}`),
  );
  for (let i = 0; i < count; i++)
    grow(
      node,
      meters.map((meter) => meter.next()),
    );
  await node.ledger.stored;
  return node;
}

async function flip(file: string, at: (bytes: Buffer) => number): Promise<void> {
  const bytes = await readFile(file);
  const position = at(bytes);
  assert.ok(position > 0, "the place to damage was not found");
  const handle = await open(file, "r+");
  await handle.write(Uint8Array.of(bytes[position]! ^ 0x10), 0, 1, position);
  await handle.close();
}

function isCorrupt(file: string) {
  return (fault: Fault) => {
    assert.equal(fault.code, "STORE_CORRUPT");
    assert.ok(fault.message.includes(file), fault.message);
    return true;
  };
}

describe("chain store", () => {
  it("starts where it ended: head, state and open windows", async () => {
    const file = newFile();
    const first = await withBlocks(file, 3);
    const enrolment = enrol(chain, operator, person());
    grow(first, [enrolment]);
    await first.ledger.stored;
    await first.store.close();
    const second = await openNode(file);
    assert.equal(second.ledger.head.height, 4);
    assert.deepEqual(second.ledger.head.hash, first.ledger.head.hash);
    assert.deepEqual(second.ledger.head.tree.root, first.ledger.head.tree.root);
    const again = second.pool.add(new PreparedTransaction(chain, enrolment));
    assert.equal(again?.code, "TX_REPLAYED");
    assert.equal(second.ledger.recent.size, 1);
    await second.store.close();
  });

  it("a snapshot replaces the changes it contains and gives the same state", async () => {
    const file = newFile();
    const first = await withBlocks(file, 8, 800);
    await first.store.close();
    const second = await openNode(file);
    assert.deepEqual(second.ledger.head.tree.root, first.ledger.head.tree.root);
    grow(second, [new Meter(chain, device, "late").next()]);
    await second.ledger.stored;
    await second.store.close();
    const third = await openNode(file);
    assert.equal(third.ledger.head.height, 9);
    await third.store.close();
  });

  it("gives pages of blocks within a size, and at least one", async () => {
    const node = await withBlocks(newFile(), 5);
    const all = await node.store.read(1, 100, 1e6);
    assert.equal(all.length, 5);
    assert.equal((await node.store.read(1, 100, all[0]!.length * 2 + 4)).length, 2);
    assert.equal((await node.store.read(4, 100, 1)).length, 1);
    assert.equal((await node.store.read(1, 3, 1e6)).length, 3);
    assert.equal((await node.store.read(6, 100, 1e6)).length, 0);
    await node.store.close();
  });

  it("a second process on the same store is refused", async () => {
    const file = newFile();
    const node = await withBlocks(file, 1);
    await assert.rejects(new ChainStore({ chain }, file).open(), { code: "STORE_IN_USE" });
    await node.store.close();
  });

  it("the store of another genesis is refused", async () => {
    const file = newFile();
    await (await withBlocks(file, 1)).store.close();
    const other = network().chain;
    await assert.rejects(new ChainStore({ chain: other }, file).open(), { code: "CHAIN_MISMATCH" });
  });

  it("a file that is no database is named", async () => {
    const file = newFile();
    await writeFile(file, Buffer.alloc(8_192, 7));
    await assert.rejects(new ChainStore({ chain }, file).open(), isCorrupt(file));
  });

  it("a changed bit in the head block is found at the start", async () => {
    const file = newFile();
    const node = await withBlocks(file, 2);
    const { seal } = grow(node, [new Meter(chain, device, "x").next()]);
    const { signature } = seal.signatures[0]!;
    await node.ledger.stored;
    await node.store.close();
    await flip(file, (bytes) => bytes.indexOf(signature));
    await assert.rejects(new ChainStore({ chain }, file).open(), isCorrupt(file));
  });

  it("a changed bit in the state is found at the start", async () => {
    const file = newFile();
    await (await withBlocks(file, 2)).store.close();
    await flip(file, (bytes) => bytes.lastIndexOf(Buffer.from("m/meter-0")));
    await assert.rejects(new ChainStore({ chain }, file).open(), isCorrupt(file));
  });

  it("a damaged old block is found when somebody asks for it, and never given away", async () => {
    const file = newFile();
    const node = await openNode(file);
    const { block } = grow(node, [new Meter(chain, device, "m").next()]);
    grow(node, [new Meter(chain, device, "n").next()]);
    await node.ledger.stored;
    await node.store.close();
    // The hash stands beside the block too; the header inside the blob holds the transaction root.
    await flip(file, (bytes) => bytes.indexOf(block.header.txRoot));
    const again = await openNode(file);
    await assert.rejects(again.store.read(1, 1, 1e6), isCorrupt(file));
    await again.store.close();
  });

  it("a cut file is refused", async () => {
    const file = newFile();
    await (await withBlocks(file, 20, 50)).store.close();
    const handle = await open(file, "r+");
    await handle.truncate(65_536);
    await handle.close();
    await assert.rejects(new ChainStore({ chain }, file).open(), isCorrupt(file));
  });

  it("after a write that failed nothing more is written: the chain has no hole", async () => {
    const store = new ChainStore({ chain }, newFile());
    const { tree } = await store.open();
    const execution = { tree, writes: [], recent: [], receipts: [], names: [], gasUsed: 0 };
    const block = (height: number) => {
      const genesis = { height: 0, hash: chain.chainId, timeMs: chain.genesis.createdMs, tree };
      const { header, blockHash } = sealedBlock(net, genesis, [
        new Meter(chain, device, "m").next(),
      ]).block;
      return {
        header: { ...header, height },
        hash: blockHash,
        encoded: new Uint8Array(8),
        execution,
        handover: undefined,
      };
    };
    await store.append(block(1));
    await assert.rejects(store.append(block(1)), { code: "STORE_FAILED" });
    await assert.rejects(store.append(block(2)), { code: "STORE_FAILED" });
    await store.close();
  });

  it("kill -9 in the middle of writing loses nothing that was reported, life after life", async () => {
    const place = await mkdtemp(join(folder, "kill-"));
    await writeFile(join(place, "genesis.cbor"), chain.encoded);
    const source = await withBlocks(newFile(), 0);
    const meters = Array.from({ length: 60 }, (_, i) => new Meter(chain, device, `k${i}`));
    const blocks: string[] = [];
    for (let i = 0; i < 400; i++) {
      const chosen = meters.slice(0, 1 + (i % 3));
      const { block, seal, transactions } = grow(
        source,
        chosen.map((meter) => meter.next({ validUntilHeight: i + 100 })),
      );
      const bodies = transactions.map(({ encoded }) => encoded);
      blocks.push(Buffer.from(encodeBlock(block.encodedHeader, seal, bodies)).toString("base64"));
    }
    await source.ledger.stored;
    await source.store.close();
    await writeFile(join(place, "blocks.json"), JSON.stringify(blocks));
    let reported = 0;
    for (let life = 0; life < 5 && reported < blocks.length; life++) {
      reported = await writeUntilKilled(place, 15 + life * 7);
      const node = await openNode(join(place, "chain.sqlite"));
      const { height } = node.ledger.head;
      assert.ok(height >= reported, `${height} stored, ${reported} reported`);
      assert.ok(height > 0);
      await node.store.close();
    }
  });
});

/** Starts a writer, kills it after so many blocks, gives the last height that it reported. */
async function writeUntilKilled(place: string, blocks: number): Promise<number> {
  const script = new URL("./store-writer.ts", import.meta.url).pathname;
  const child = spawn(process.execPath, ["--import", "tsx", script, place], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let reported = 0;
  let seen = 0;
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    for (const line of text.split("\n")) {
      if (line === "") continue;
      reported = Number(line);
      seen++;
    }
    if (seen >= blocks) child.kill("SIGKILL");
  });
  await once(child, "close");
  return reported;
}
