import assert from "node:assert/strict";
import { copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { formatHex } from "@gridledger/protocol/hex";
import { soleRing } from "@gridledger/protocol/keys/key-ring";
import { decodeBlocks } from "@gridledger/protocol/messages/blocks";
import { encodeGetBlocks } from "@gridledger/protocol/messages/get-blocks";
import { decodeTelemetry, type Telemetry } from "@gridledger/protocol/messages/telemetry";
import { filters, topics } from "@gridledger/protocol/topics";
import { systemClock } from "../../hub/src/clock.ts";
import { ArchiveService } from "../../hub/src/index/archive/archive.ts";
import { ChainIndex } from "../../hub/src/index/chain-index.ts";
import { Directory } from "../../hub/src/index/directory.ts";
import { bindChain } from "../../hub/src/index/query/load-head.ts";
import { Store } from "../../hub/src/store/store.ts";
import { writeHistory } from "../support/history.ts";
import { startNetwork, until } from "./processes.ts";
import { person } from "./support.ts";

const BLOCKS = 200;
const KEPT = 64;
const quiet = { debug() {}, info() {}, warn() {}, error() {} };

describe("validators that prune, an archive, and a new node, over a broker", () => {
  let net: Awaited<ReturnType<typeof startNetwork>>;
  const telemetry = new Map<string, Telemetry>();
  const stops: (() => unknown)[] = [];

  before(async () => {
    net = await startNetwork();
    const [first] = net.nodes.map(({ home }) => join(home, "data", "chain.sqlite"));
    const plan = { blocks: BLOCKS, transactionsPerBlock: 3, readingsPerTransaction: 20, meters: 3 };
    await writeHistory(net, first!, plan);
    for (const { home } of net.nodes) {
      const file = join(home, "data", "chain.sqlite");
      await mkdir(join(home, "data"), { recursive: true });
      if (file !== first) await copyFile(first!, file);
      const config = JSON.parse(await readFile(join(home, "node.json"), "utf8"));
      await writeFile(join(home, "node.json"), JSON.stringify({ ...config, keepBlocks: KEPT }));
    }
    net.observer.subscribe(filters.telemetry("test"), (topic, bytes) =>
      telemetry.set(topic.split("/").at(-1) ?? "", decodeTelemetry(bytes)),
    );
    await until("connected", () => net.observer.connected);
    await Promise.all(net.nodes.map((node) => node.start()));
  });
  after(async () => {
    for (const stop of stops.reverse()) await stop();
    await net.stop();
  });

  it("keep every block while no archive has confirmed", async () => {
    await until("a warning", () =>
      [...telemetry.values()].some(({ warning }) => warning === "ARCHIVE_MISSING"),
    );
    assert.ok([...telemetry.values()].every(({ firstHeight }) => firstHeight === 1));
  });

  it("prune what a hub has followed and signed for", async () => {
    const { chain, hub, observer } = net;
    const bus = {
      publish: (topic: string, bytes: Uint8Array) => void observer.publish(topic, bytes),
      subscribe: observer.subscribe.bind(observer),
    };
    const store = new Store({ file: join(net.nodes[0]!.home, "hub.sqlite") });
    await store.start();
    stops.push(() => store.stop());
    await store.transaction((db) => bindChain(db, chain));
    const directory = new Directory(chain.suite);
    await directory.load(store.read);
    const common = { chain, store, bus, clock: systemClock, log: quiet };
    const self = formatHex(hub.id);
    const index = new ChainIndex({ ...common, directory }, { self });
    const archive = new ArchiveService(
      { ...common, keys: soleRing(chain.suite, hub.signer), head: () => index.head },
      { self },
    );
    index.listen({ onBlocks: () => archive.onBlocks() });
    await index.start();
    archive.start();
    stops.push(() => index.stop());
    stops.push(() => archive.stop());
    await until("the hub has followed", () => index.head.height === BLOCKS, 30_000);
    const isPruned = ({ firstHeight }: Telemetry) => firstHeight === BLOCKS - KEPT + 1;
    const all = () => telemetry.size === 4 && [...telemetry.values()].every(isPruned);
    await until("all have pruned", all, 90_000);
    assert.ok([...telemetry.values()].every(({ warning }) => warning === ""));
  });

  it("say what they do not have any more, and who has it", async () => {
    const [validator] = net.validators;
    const answers: ReturnType<typeof decodeBlocks>[] = [];
    net.observer.subscribe(filters.sync("test", formatHex(net.hub.id)), (_, bytes) => {
      try {
        answers.push(decodeBlocks(bytes));
      } catch {
        // A question to the archive.
      }
    });
    const topic = topics.sync("test", formatHex(validator!.id), formatHex(net.hub.id));
    net.observer.publish(topic, encodeGetBlocks({ fromHeight: 1, maxBlocks: 4 }));
    const pruned = () => answers.find((answer) => answer.pruned !== undefined)?.pruned;
    await until("an answer", () => pruned() !== undefined);
    assert.equal(pruned()!.firstHeight, BLOCKS - KEPT + 1);
    assert.deepEqual(Buffer.from(pruned()!.archiveId!), Buffer.from(net.hub.id));
  });

  it("a new node gets from the archive what they pruned", async () => {
    const node = await net.addCandidate(person(), { logLevel: "info" });
    await node.start();
    const atTip = () => node.logged("sync: at the tip").at(-1)?.toHeight;
    await until("at the tip", () => atTip() === BLOCKS, 60_000);
    assert.equal(node.logged("sync: peer set aside").length, 0);
  });
});
