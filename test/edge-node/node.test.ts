import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmod, readdir, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { formatHex } from "@gridledger/protocol/hex";
import { decodeHeader } from "@gridledger/protocol/ledger/header";
import { decodeDecide } from "@gridledger/protocol/messages/decide";
import { decodeRefusal } from "@gridledger/protocol/messages/refusal";
import { decodeTelemetry, type Telemetry } from "@gridledger/protocol/messages/telemetry";
import { filters } from "@gridledger/protocol/topics";
import { startNetwork, until, type Validator } from "./processes.ts";
import { enrol, Meter, person, suite } from "./support.ts";

type Network = Awaited<ReturnType<typeof startNetwork>>;

/** What the network has made final, as the hub hears it. */
class Follower {
  readonly finals = new Set<string>();
  readonly hashes = new Map<number, string>();
  height = 0;

  constructor({ observer }: Network) {
    observer.subscribe(filters.decides("test"), (_, bytes) => {
      const { encodedHeader, txHashes } = decodeDecide(bytes);
      for (const hash of txHashes) this.finals.add(formatHex(hash));
      const { height } = decodeHeader(encodedHeader);
      this.height = Math.max(this.height, height);
      this.hashes.set(height, formatHex(suite.hash(encodedHeader)));
    });
  }
}

describe("validators over a broker, each its own process", () => {
  let net: Network;
  let follower: Follower;
  const refusals: string[] = [];
  const telemetry = new Map<string, Telemetry>();

  before(async () => {
    net = await startNetwork({ policy: { maxBatchDelayMs: 50 } });
    follower = new Follower(net);
    net.device.subscribe(filters.refusals("test", formatHex(net.devices[0]!.id)), (_, bytes) =>
      refusals.push(decodeRefusal(bytes).code),
    );
    net.observer.subscribe(filters.telemetry("test"), (topic, bytes) =>
      telemetry.set(topic.split("/").at(-1) ?? "", decodeTelemetry(bytes)),
    );
    await until("connected", () => net.device.connected && net.observer.connected);
    await Promise.all(net.nodes.map((node) => node.start()));
  });
  after(() => net.stop());

  it("make a reading final within a second or so", async () => {
    const meter = new Meter(net.chain, net.devices[0]!, "first");
    assert.ok(net.submit([meter.next()]));
    await until("final", () => follower.finals.size === 1, 5_000);
  });

  it("take batches in any order and enrolments in between", async () => {
    const before = follower.finals.size;
    const meters = Array.from(
      { length: 20 },
      (_, i) => new Meter(net.chain, net.devices[0]!, `any-${i}`),
    );
    const batches = meters.flatMap((meter) => [meter.next(), meter.next(), meter.next()]).reverse();
    net.submit([...batches, enrol(net.chain, net.operator, person())]);
    await until("all final", () => follower.finals.size === before + 61);
  });

  it("tell a sender why they do not take something", async () => {
    const { devices, chain } = net;
    net.submit([new Meter(chain, devices[1]!, "first").next()]);
    await until("a refusal", () => refusals.includes("METER_OWNED"));
    const forged = new Uint8Array(new Meter(chain, devices[0]!, "forged").next());
    forged[forged.length - 3]! ^= 1;
    net.submit([forged]);
    await until("another", () => refusals.includes("SIGNATURE_INVALID"));
  });

  it("go on without one of them, and the one that was killed catches up", async () => {
    const before = follower.finals.size;
    const [first] = net.nodes as [Validator];
    assert.equal(await first.end("SIGKILL"), "SIGKILL");
    const meter = new Meter(net.chain, net.devices[0]!, "during");
    for (let i = 0; i < 12; i++) {
      net.submit([meter.next()]);
      await until("final without it", () => follower.finals.size > before + i, 15_000);
    }
    const { height } = follower;
    await first.start();
    const id = formatHex(net.validators[0]!.id);
    await until("it has caught up", () => (net.statuses.get(id)?.height ?? 0) >= height);
    assert.equal(
      formatHex(net.statuses.get(id)!.headHash),
      follower.hashes.get(net.statuses.get(id)!.height),
    );
  });

  it("stop at the loss of a second, and go on when it is back", async () => {
    const [, second, third] = net.nodes as [Validator, Validator, Validator];
    await Promise.all([second.end("SIGKILL"), third.end("SIGKILL")]);
    const before = follower.finals.size;
    const meter = new Meter(net.chain, net.devices[0]!, "stalled");
    net.submit([meter.next()]);
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    assert.equal(follower.finals.size, before, "two of four are no quorum");
    await second.start();
    await until("final again", () => follower.finals.size === before + 1, 30_000);
    await third.start();
  });

  it("report their memory, work and traffic", async () => {
    await until("telemetry", () => telemetry.size === 4);
    for (const { rssBytes, diskBytes, bytesIn, startedMs } of telemetry.values()) {
      assert.ok(rssBytes > 30e6 && diskBytes > 0 && bytesIn > 0 && startedMs > 1.7e12);
    }
  });

  it("all lose their power at once and lose nothing", async () => {
    const before = follower.finals.size;
    const meter = new Meter(net.chain, net.devices[0]!, "power");
    net.submit([meter.next()]);
    await until("final", () => follower.finals.size === before + 1);
    const { height } = follower;
    const isAtHead = () => [...net.statuses.values()].every((status) => status.height === height);
    await until("all at the head", isAtHead, 30_000);
    await Promise.all(net.nodes.map((node) => node.end("SIGKILL")));
    await Promise.all(net.nodes.map((node) => node.start()));
    for (const node of net.nodes) {
      const ready = node.lines.findLast((line) => line.includes('"event":"ready"'));
      assert.equal(JSON.parse(ready ?? "{}").height, height);
    }
    net.submit([meter.next()]);
    await until("final after it", () => follower.finals.size === before + 2, 30_000);
    const final = follower.height;
    await until(
      "all on one head",
      () => [...net.statuses.values()].every((status) => status.height === final),
      30_000,
    );
    const heads = new Set([...net.statuses.values()].map(({ headHash }) => formatHex(headHash)));
    assert.equal(heads.size, 1);
  });

  it("keep their store to themselves", async () => {
    for (const { home } of net.nodes) {
      for (const name of await readdir(join(home, "data"))) {
        if (!name.includes("sqlite")) continue;
        assert.equal((await stat(join(home, "data", name))).mode & 0o777, 0o600, name);
      }
    }
  });

  it("say at once that they sign nothing when their log is gone", async () => {
    const last = net.nodes[3]!;
    const id = formatHex(net.validators[3]!.id);
    assert.equal(telemetry.get(id)?.alarm, "");
    await last.end("SIGKILL");
    const data = join(last.home, "data");
    for (const name of await readdir(data)) {
      if (!name.includes("sqlite")) await rm(join(data, name), { recursive: true });
    }
    await last.start();
    await until("the alarm", () => telemetry.get(id)?.alarm === "SIGNING_SUSPENDED", 3_000);
  });

  it("sign again when their operator takes responsibility, and say so", async () => {
    const last = net.nodes[3]!;
    const id = formatHex(net.validators[3]!.id);
    const home = join(last.home, "data");
    const cli = new URL("../../hub/bin/gridledger.js", import.meta.url).pathname;
    const { status } = spawnSync(process.execPath, [
      ...[cli, "validator", "release", "--home", home, "--reason", "the disk was moved"],
    ]);
    assert.equal(status, 0);
    await until("no alarm", () => telemetry.get(id)?.alarm === "", 10_000);
    assert.ok(last.lines.some((line) => line.includes("the disk was moved")));
    assert.ok(!(await readdir(home)).includes("release.json"));
  });

  it("end cleanly within two seconds on SIGTERM", async () => {
    const startedMs = Date.now();
    const codes = await Promise.all(net.nodes.map((node) => node.end("SIGTERM")));
    assert.deepEqual(codes, [0, 0, 0, 0]);
    assert.ok(Date.now() - startedMs < 2_500);
  });

  it("a damaged store keeps the process from starting, with the file's name in the log", async () => {
    const [first] = net.nodes as [Validator];
    const file = join(first.home, "data", "chain.sqlite");
    assert.ok((await readdir(join(first.home, "data"))).includes("chain.sqlite"));
    await writeFile(file, Buffer.alloc(20_000, 1));
    await assert.rejects(first.start(), /exit 1.*STORE_CORRUPT.*chain\.sqlite/s);
  });

  it("a key that others can read and a wrong config are refused", async () => {
    const [, second, third] = net.nodes as [Validator, Validator, Validator];
    await chmod(join(third.home, "key.pem"), 0o644);
    await assert.rejects(third.start(), /exit 1.*KEY_INVALID.*chmod 600/s);
    await writeFile(join(second.home, "node.json"), "{}");
    await assert.rejects(second.start(), /exit 1.*CONFIG_INVALID.*brokers/s);
  });
});
