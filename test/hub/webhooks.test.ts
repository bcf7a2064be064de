import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { ContractQueries } from "../../hub/src/index/contracts/contract-queries.ts";
import { positionOf } from "../../hub/src/index/position.ts";
import { AuditLog } from "../../hub/src/logs/audit-log.ts";
import { Store } from "../../hub/src/store/store.ts";
import { checkUrl } from "../../hub/src/webhooks/post.ts";
import { signedHeaders } from "../../hub/src/webhooks/signature.ts";
import { Webhooks } from "../../hub/src/webhooks/webhooks.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { until } from "./rig.ts";

const counter = Buffer.alloc(20, 1);
const other = Buffer.alloc(20, 2);
const silent = { debug() {}, info() {}, warn() {}, error() {} };
const hash = (bytes: Uint8Array) => Buffer.from(bytes).subarray(0, 32);

interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A program that takes webhooks; it answers as it is told. */
class Receiver {
  readonly got: Received[] = [];
  status = 204;
  readonly #server: Server;

  constructor() {
    this.#server = createServer((request, response) => {
      let body = "";
      request.on("data", (part) => {
        body += part;
      });
      request.on("end", () => {
        this.got.push({ headers: request.headers, body });
        response.writeHead(this.status).end();
      });
    });
  }

  start(): Promise<void> {
    return new Promise((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
  }

  stop(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/events`;
  }

  get ids(): unknown[] {
    return this.got.map(({ headers }) => headers["webhook-id"]);
  }
}

describe("webhooks", () => {
  let directory: string;
  let store: Store;
  let receiver: Receiver;
  let webhooks: Webhooks;
  let tell: () => void;
  const clock = new ManualClock(1_790_000_000_000);

  async function start(): Promise<void> {
    store = new Store({ file: join(directory, "hub.sqlite") });
    await store.start();
    const contracts = {
      queries: new ContractQueries(store),
      onLogs: (listener: (height: number) => void) => {
        tell = () => listener(0);
        return () => true;
      },
    };
    const audit = new AuditLog({ store, hash, now: () => clock.now() });
    const deps = { store, contracts, audit, clock, log: silent };
    webhooks = new Webhooks(deps, { allowsLoopback: true });
    await webhooks.start();
  }

  async function stop(): Promise<void> {
    await webhooks.stop();
    await store.stop();
  }

  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), "gl-hooks-"));
    receiver = new Receiver();
    await receiver.start();
    await start();
  });
  afterEach(async () => {
    await stop();
    receiver.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  async function emit(height: number, index: number, address = counter): Promise<void> {
    await store.transaction((db) =>
      db("logs").insert({
        ...{ position: positionOf(height, index), tx_index: 0, address },
        ...{ topic: Buffer.alloc(32, 7), topics: Buffer.alloc(32, 7), data: Buffer.of(height) },
      }),
    );
    tell();
  }

  async function add(over: { alarms?: boolean; fromHeight?: number } = {}) {
    const wanted = { url: receiver.url, address: counter, topic: undefined, alarms: false };
    return webhooks.add("app", { ...wanted, fromHeight: 1, ...over });
  }

  async function state() {
    return (await webhooks.of("app"))[0]!;
  }

  it("tell the logs of their contract in order, signed with the secret that was told once", async () => {
    await emit(1, 0);
    const { secret, state: added } = await add();
    await emit(2, 0, other);
    await emit(2, 1);
    await until(() => receiver.got.length === 2, "two logs are told");
    const { id } = added.webhook;
    assert.deepEqual(receiver.ids, [`${id}.1.0`, `${id}.2.1`]);
    for (const { headers, body } of receiver.got) {
      const key = Buffer.from(secret.replace("whsec_", ""), "base64");
      const signed = `${headers["webhook-id"]}.${headers["webhook-timestamp"]}.${body}`;
      const mac = createHmac("sha256", key).update(signed).digest("base64");
      assert.equal(headers["webhook-signature"], `v1,${mac}`);
    }
    const [{ body }] = receiver.got as [Received];
    const { type, data } = JSON.parse(body);
    assert.equal(type, "contract.log");
    assert.deepEqual([data.height, data.index, data.data], [1, 0, "0x01"]);
  });

  it("go on after a restart with what was not told, under the same id", async () => {
    receiver.status = 500;
    await add();
    await emit(1, 0);
    await until(() => receiver.got.length === 1, "the first try");
    await stop();
    await start();
    receiver.status = 204;
    await emit(2, 0);
    clock.advance(10_000);
    await until(() => receiver.got.length === 3, "both are told");
    assert.equal(receiver.ids[0], receiver.ids[1]);
    assert.notEqual(receiver.ids[1], receiver.ids[2]);
    await until(() => receiver.got.length === 3, "and no more");
  });

  it("give up after eight tries, keep the letter, go on, and try it again when asked", async () => {
    receiver.status = 410;
    const { state: added } = await add();
    await emit(1, 0);
    for (let tries = 1; tries <= 8; tries++) {
      await until(() => receiver.got.length === tries, `try ${tries}`);
      await settled(
        async () => (await state()).waiting === 0 || (await state()).lastError !== null,
      );
      clock.advance(900_000);
    }
    await settled(async () => (await state()).dead === 1);
    receiver.status = 200;
    await emit(2, 0);
    await until(() => receiver.got.length === 9, "the next one");
    const { id } = added.webhook;
    const page = { limit: 10, from: 0 };
    const [letter] = await webhooks.deadLetters("app", id, page);
    assert.equal(letter?.event, `${id}.1.0`);
    assert.match(letter?.lastError ?? "", /410/);
    assert.equal(await webhooks.retry("app", id), 1);
    await until(() => receiver.got.length === 10, "the dead letter");
    assert.equal(receiver.ids[9], `${id}.1.0`);
  });

  it("tell an alarm once however often it is raised, to those who want alarms", async () => {
    await add({ alarms: true });
    await webhooks.add("quiet", {
      ...{ url: receiver.url, address: counter, topic: undefined },
      ...{ alarms: false, fromHeight: 1 },
    });
    await webhooks.raise("mapping.tampered", "finding-1", { row: "7" });
    await webhooks.raise("mapping.tampered", "finding-1", { row: "7" });
    await until(() => receiver.got.length === 1, "the alarm");
    await settled(async () => (await state()).waiting === 0);
    assert.equal(receiver.got.length, 1);
    assert.match(receiver.got[0]?.body ?? "", /mapping.tampered.*"row":"7"/);
  });

  it("are seen and removed by their owner only", async () => {
    const { state: added } = await add();
    const { id } = added.webhook;
    await assert.rejects(webhooks.remove("somebody", id), { code: "NOT_FOUND" });
    await assert.rejects(webhooks.retry("somebody", id), { code: "NOT_FOUND" });
    await webhooks.remove("app", id);
    assert.deepEqual(await webhooks.of("app"), []);
    await emit(1, 0);
    assert.equal(receiver.got.length, 0);
  });
});

async function settled(isDone: () => Promise<boolean>): Promise<void> {
  for (const giveUpMs = Date.now() + 5_000; Date.now() < giveUpMs; ) {
    if (await isDone()) return;
  }
  assert.fail("never settled");
}

describe("a webhook's URL", () => {
  const open = { allowsLoopback: false };
  it("must be https, without a password, and at no address of the machine itself", () => {
    for (const bad of [
      "no url",
      "http://receiver.example/",
      "ftp://receiver.example/",
      "https://name:pass@receiver.example/",
      "https://127.0.0.1/",
      "https://[::1]/",
      "https://169.254.169.254/latest/meta-data/",
      "https://[fe80::1]/",
      "https://0.0.0.0/",
      "https://[::ffff:169.254.169.254]/",
    ]) {
      assert.throws(() => checkUrl(bad, open), { code: "WEBHOOK_URL" }, bad);
    }
    checkUrl("https://receiver.example/hook?x=1", open);
    checkUrl("https://10.1.2.3/hook", open);
    checkUrl("http://127.0.0.1:9/", { allowsLoopback: true });
  });
});

/** From the Standard Webhooks specification's own example. */
describe("a webhook's signature", () => {
  it("is that of the specification's example", () => {
    const secret = Buffer.from("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "base64");
    const headers = signedHeaders(secret, {
      id: "msg_p5jXN8AQM9LWM0D4loKWxJek",
      timeMs: 1_614_265_330_000,
      body: '{"test": 2432232314}',
    });
    const expected = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
    assert.equal(headers["webhook-signature"], expected);
  });
});
