import assert from "node:assert/strict";
import { copyFile, mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { formatHex } from "@gridledger/protocol/hex";
import { encodeArchive } from "@gridledger/protocol/messages/archive";
import { ChainStore } from "../../edge-node/src/store/chain-store.ts";
import { DiskKeeper, type DiskLimits } from "../../edge-node/src/store/disk-keeper.ts";
import { Archives } from "../../edge-node/src/sync/archives.ts";
import { writeHistory } from "../support/history.ts";
import { network, suite } from "./support.ts";
import { parts } from "./sync-bench.ts";

const net = network();
const { chain } = net;
const BLOCKS = 300;
let folder = "";
let files = 0;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "gl-prune-"));
  const plan = { blocks: BLOCKS, transactionsPerBlock: 4, readingsPerTransaction: 400, meters: 4 };
  await writeHistory(net, join(folder, "whole.sqlite"), plan);
});
after(() => rm(folder, { recursive: true, force: true }));

/** A store with 300 blocks of about 7 kB. */
async function filled(): Promise<{ file: string; store: ChainStore }> {
  const file = join(folder, `chain-${files++}.sqlite`);
  await copyFile(join(folder, "whole.sqlite"), file);
  const store = new ChainStore({ chain }, file);
  await store.open();
  return { file, store };
}

function keeper(
  store: ChainStore,
  limits: Partial<DiskLimits>,
  archivedHeight: () => number | undefined,
) {
  const logged: object[] = [];
  const disk = new DiskKeeper(
    {
      store,
      otherBytes: () => Promise.resolve(0),
      headHeight: () => BLOCKS,
      archivedHeight,
      sleep: () => Promise.resolve(),
      onWarning: () => {},
      log: { info: () => {}, error: (data) => logged.push(data) },
    },
    { maxDiskBytes: undefined, keepBlocks: undefined, ...limits },
  );
  return { disk, logged };
}

describe("pruning", () => {
  it("gives the room of old blocks back to the disk, and the node starts as before", async () => {
    const { file, store } = await filled();
    const bytesBefore = (await stat(file)).size;
    const { disk } = keeper(store, { keepBlocks: 64 }, () => BLOCKS);
    await disk.look();
    assert.equal(store.firstHeight, BLOCKS - 64 + 1);
    assert.equal(disk.warning, undefined);
    const bytesAfter = (await stat(file)).size;
    assert.ok(bytesAfter < 0.4 * bytesBefore, `${bytesBefore} → ${bytesAfter}`);
    assert.equal((await store.read(1, 4, 1e6)).length, 0);
    assert.equal((await store.read(BLOCKS - 63, 4, 1e6)).length, 4);
    await store.close();
    const again = new ChainStore({ chain }, file);
    const { head } = await again.open();
    assert.equal(head?.header.height, BLOCKS);
    assert.equal(again.firstHeight, BLOCKS - 63);
    await again.close();
  });

  it("keeps under the cap by pruning no more than it must", async () => {
    const { store } = await filled();
    const { usedBytes } = await store.use();
    const { disk } = keeper(store, { maxDiskBytes: Math.round(0.8 * usedBytes) }, () => BLOCKS);
    await disk.look();
    const after = await store.use();
    assert.ok(after.usedBytes <= 0.65 * usedBytes, `${usedBytes} → ${after.usedBytes}`);
    assert.ok(store.firstHeight > 1 && store.firstHeight < BLOCKS - 64);
    assert.equal(disk.warning, undefined);
    await store.close();
  });

  it("never prunes what no archive has confirmed, and says so", async () => {
    const { store } = await filled();
    for (const limits of [{ maxDiskBytes: 1_000_000 }, { keepBlocks: 64 }]) {
      const { disk, logged } = keeper(store, limits, () => undefined);
      await disk.look();
      assert.equal(store.firstHeight, 1);
      assert.equal(disk.warning, "ARCHIVE_MISSING");
      assert.equal(logged.length, 1);
    }
    const { disk } = keeper(store, { maxDiskBytes: 1_000_000 }, () => 100);
    await disk.look();
    assert.equal(store.firstHeight, 101, "up to what is confirmed and no further");
    assert.equal(disk.warning, "ARCHIVE_MISSING");
    await store.close();
  });

  it("says so when the cap is too small for what it must keep", async () => {
    const { store } = await filled();
    const { disk } = keeper(store, { maxDiskBytes: 100_000 }, () => BLOCKS);
    await disk.look();
    assert.equal(store.firstHeight, BLOCKS - 63);
    assert.equal(disk.warning, "DISK_CAP_TIGHT");
    await store.close();
  });

  it("says so when the archive has lost what only it had", async () => {
    const { store } = await filled();
    let archived = BLOCKS;
    const { disk } = keeper(store, { keepBlocks: 64 }, () => archived);
    await disk.look();
    assert.equal(disk.warning, undefined);
    archived = 5;
    await disk.look();
    assert.equal(disk.warning, "ARCHIVE_MISSING");
    await store.close();
  });
});

describe("archives", () => {
  const hash = suite.hash(Buffer.from("block"));

  function listener(headHeight = 10) {
    const errors: object[] = [];
    const offered: number[] = [];
    const archives = new Archives({
      chain,
      state: () => parts(net).ledger.head.state,
      headHeight: () => headHeight,
      hashAt: (height) => Promise.resolve(height <= headHeight ? hash : undefined),
      onConfirmed: (_, height) => offered.push(height),
      log: { warn: (data) => errors.push(data), error: (data) => errors.push(data) },
    });
    const say = async (who: typeof net.hub, change: object = {}) => {
      const archive = { height: 10, blockHash: hash, timeMs: 1_000, ...change };
      const bytes = encodeArchive(suite, who.signer, chain.chainId, archive);
      const isArchive = archives.onMessage(formatHex(net.hub.id), bytes);
      await new Promise((resolve) => setImmediate(resolve));
      return isArchive;
    };
    return { archives, errors, offered, say };
  }

  it("are believed with the signature of a hub and for this chain's own block", async () => {
    const { archives, offered, say } = listener();
    assert.equal(archives.height, undefined);
    assert.equal(await say(net.hub), true);
    assert.equal(archives.height, 10);
    assert.deepEqual(archives.id, Buffer.from(net.hub.id));
    assert.deepEqual(offered, [10]);
  });

  it("with another key, another chain or an old word are worth nothing", async () => {
    const { archives, errors, say } = listener();
    await say(net.validators[0]!);
    await say(net.hub, { blockHash: suite.hash() });
    assert.equal(archives.height, undefined);
    assert.equal(errors.length, 2);
    await say(net.hub, { timeMs: 2_000, height: 9 });
    await say(net.hub, { timeMs: 1_500 });
    assert.equal(archives.height, 9, "a replay does not count");
  });

  it("above the own head wait until this node can compare", async () => {
    const { archives, offered, say } = listener(5);
    await say(net.hub);
    assert.equal(archives.height, undefined);
    assert.deepEqual(offered, [10], "and can be asked for what is missing");
  });
});
