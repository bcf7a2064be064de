import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { copyFile, mkdir, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { ChainStore } from "../../edge-node/src/store/chain-store.ts";
import { Sqlite } from "../../edge-node/src/store/sqlite.ts";
import { writeHistory } from "../support/history.ts";
import { startNetwork, until, type Validator } from "./processes.ts";
import { person } from "./support.ts";

const BLOCKS = 400;
const TIP = "sync: at the tip";

describe("a node that is far behind, as its own process over a broker", () => {
  let net: Awaited<ReturnType<typeof startNetwork>>;
  let source = "";

  before(async () => {
    net = await startNetwork();
    source = join(net.nodes[0]!.home, "data", "chain.sqlite");
    const plan = {
      ...{ blocks: BLOCKS, transactionsPerBlock: 12, readingsPerTransaction: 8 },
      meters: 1_200,
    };
    await writeHistory(net, source, plan);
    for (const { home } of net.nodes.slice(1)) {
      await mkdir(join(home, "data"));
      await copyFile(source, join(home, "data", "chain.sqlite"));
    }
    await until("connected", () => net.observer.connected);
    await Promise.all(net.nodes.map((node) => node.start()));
  });
  after(() => net.stop());

  /** The store of a node that was ended. */
  async function stored({ home }: Validator) {
    const store = new ChainStore({ chain: net.chain }, join(home, "data", "chain.sqlite"));
    const loaded = await store.open();
    const { firstHeight } = store;
    await store.close();
    return { height: loaded.head?.header.height ?? 0, root: loaded.tree.root, firstHeight };
  }

  const isAtTip = (node: Validator) => node.logged(TIP).at(-1)?.toHeight === BLOCKS;

  it("goes on where it was after kill -9 and after the broker's death", async () => {
    const node = await net.addCandidate(person(), { logLevel: "info" });
    const heights: number[] = [];
    for (const pauseMs of [150, 400, 700]) {
      await node.start();
      await sleep(pauseMs);
      await node.end("SIGKILL");
      heights.push((await stored(node)).height);
    }
    assert.deepEqual(
      heights,
      [...heights].sort((a, b) => a - b),
      "nothing that was stored is lost",
    );
    await node.start();
    await net.replaceBroker();
    await until("at the tip", () => isAtTip(node), 90_000);
    await node.end("SIGTERM");
    assert.equal((await stored(node)).height, BLOCKS);
  });

  it("begins with a snapshot, also after kill -9 in the middle of it", async () => {
    await until("connected again", () => net.observer.connected);
    const node = await net.addCandidate(person(), { logLevel: "info", sync: "snapshot" });
    const hasBegun = () => node.lines.some((line) => line.includes("snapshot: begins"));
    for (const pauseMs of [0, 30, 90]) {
      const started = node.start().catch(() => undefined);
      await until("it begins", hasBegun, 60_000);
      await sleep(pauseMs);
      await node.end("SIGKILL");
      await started;
      node.lines.length = 0;
      const { height, firstHeight } = await stored(node);
      assert.ok(height === 0 || firstHeight === height + 1, "all of it or nothing");
      if (height > 0) break;
    }
    await node.start();
    await node.end("SIGTERM");
    const [mine, theirs] = [await stored(node), BLOCKS];
    assert.equal(mine.height, theirs);
    assert.equal(mine.firstHeight, BLOCKS + 1);
  });

  it("kill -9 in the middle of pruning and compaction loses nothing but old blocks", async () => {
    const place = join(net.nodes[0]!.home, "prune");
    const file = join(place, "chain.sqlite");
    await mkdir(place);
    await writeFile(join(place, "genesis.cbor"), net.chain.encoded);
    await net.nodes[3]!.end("SIGTERM");
    await copyFile(join(net.nodes[3]!.home, "data", "chain.sqlite"), file);
    const sizeBefore = (await stat(file)).size;
    const below = BLOCKS - 63;
    for (const lines of [2, 4, 7]) {
      await pruneUntilKilled(place, below, lines);
      const store = new ChainStore({ chain: net.chain }, file);
      const { head } = await store.open();
      assert.equal(head?.header.height, BLOCKS);
      const first = store.firstHeight;
      assert.ok(first <= below);
      assert.equal((await store.read(first, 1, 1e6)).length, 1);
      await store.close();
    }
    await pruneUntilKilled(place, below, Number.POSITIVE_INFINITY);
    const sqlite = new Sqlite(file);
    await sqlite.open();
    assert.equal((await sqlite.get("PRAGMA integrity_check"))?.integrity_check, "ok");
    assert.equal((await sqlite.get("PRAGMA freelist_count"))?.freelist_count, 0);
    await sqlite.close();
    const sizeAfter = (await stat(file)).size;
    assert.ok(sizeAfter < 0.5 * sizeBefore, `${sizeBefore} → ${sizeAfter}`);
  });
});

/** Starts a pruner and kills it after so many of its steps. */
async function pruneUntilKilled(place: string, below: number, lines: number): Promise<void> {
  const script = new URL("./store-pruner.ts", import.meta.url).pathname;
  const child = spawn(process.execPath, ["--import", "tsx", script, place, String(below)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let seen = 0;
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    seen += text.split("\n").length - 1;
    if (seen >= lines) child.kill("SIGKILL");
  });
  await once(child, "close");
}
