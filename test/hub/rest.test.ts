import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { contract, type RouteAnswer } from "@gridledger/protocol/api/contract";
import {
  type RouteName,
  type RoutePath,
  routePaths,
  streamPath,
} from "@gridledger/protocol/api/paths";
import { formatHex } from "@gridledger/protocol/hex";
import { verifyProof } from "@gridledger/protocol/ledger/proof";
import { decodeTransactions } from "@gridledger/protocol/messages/transactions";
import { Decoder } from "cbor-x";
import { ChainBuilder } from "../support/chain-builder.ts";
import { call } from "./call.ts";
import { type Rig, startRig, until } from "./rig.ts";
import { example } from "./route-examples.ts";

const BASE = "http://localhost";
const T0 = 1_750_000_000_000;
const NEW_PASSWORD = "correct horse battery";

function cookieOf(headers: Headers): string {
  return headers.get("set-cookie")!.split(";")[0]!;
}

/** Signs in and chooses a password; what a browser would send from then on. */
async function signIn(rig: Rig, password: string): Promise<Record<string, string>> {
  const { headers, json } = await call(rig, "/api/v1/session", {
    body: { user: "operator", password },
  });
  return { cookie: cookieOf(headers), "x-csrf-token": json.csrfToken };
}

async function asOperator(rig: Rig): Promise<Record<string, string>> {
  const first = await signIn(rig, rig.password!);
  const { headers, json } = await call(rig, "/api/v1/session/password", {
    headers: first,
    body: { current: rig.password, next: NEW_PASSWORD },
  });
  return { cookie: cookieOf(headers), "x-csrf-token": json.csrfToken };
}

describe("every route of the table", () => {
  let open: Rig;
  let closed: Rig;
  const builder = new ChainBuilder();

  before(async () => {
    open = await startRig(builder, { anonymousReads: true });
    closed = await startRig(builder, { anonymousReads: false });
  });
  after(async () => {
    await open.stop();
    await closed.stop();
  });

  for (const name of Object.keys(routePaths) as RouteName[]) {
    const { method, permission }: RoutePath = routePaths[name];
    const { path, ...request } = example(name);
    const isPublic = permission === "public";
    const isOpen = isPublic || permission === "ledger.read" || permission === "object.read";

    test(`${name}: a stranger ${isPublic ? "may call" : "must sign in"}`, async () => {
      const { status, json } = await call(closed, path, request);
      const isKeptOut = json.code === "NOT_SIGNED_IN" || json.code === "FORBIDDEN";
      assert.equal(isKeptOut, !isPublic, JSON.stringify(json));
      if (isKeptOut) assert.equal(status, 401);
    });

    test(`${name}: on loopback anybody ${isOpen ? "may call" : "must sign in"}`, async () => {
      const { json } = await call(open, path, request);
      assert.equal(json.code === "NOT_SIGNED_IN", !isOpen);
    });

    test(`${name}: another method is refused with Allow`, async () => {
      const { status, headers, json } = await call(open, path, { method: "PATCH" });
      assert.equal(status, 405);
      assert.equal(json.code, "METHOD_NOT_ALLOWED");
      assert.ok(headers.get("allow")!.includes(method.toUpperCase()));
    });
  }

  test("the stream is for readers", async () => {
    assert.equal((await call(closed, streamPath)).status, 401);
  });

  for (const path of ["/healthz", "/readyz", "/metrics", "/openapi.json", streamPath]) {
    test(`${path}: another method is refused with Allow`, async () => {
      const { status, headers, json } = await call(open, path, { method: "POST" });
      assert.equal(status, 405);
      assert.equal(json.code, "METHOD_NOT_ALLOWED");
      assert.equal(headers.get("allow"), "GET");
    });
  }

  test("numbers in paths and queries are integers in the OpenAPI document", async () => {
    const { json } = await call(open, "/openapi.json");
    const parameters = (path: string) =>
      Object.fromEntries(
        json.paths[path].get.parameters.map((one: { name: string }) => [one.name, one]),
      );
    const { height, limit } = parameters("/api/v1/blocks/{height}/transactions");
    assert.equal(height.schema.type, "integer");
    assert.equal(height.required, true);
    assert.equal(limit.schema.type, "integer");
    assert.equal(limit.schema.default, 50);
    assert.notEqual(limit.required, true);
    const { from } = parameters("/api/v1/meters/{meter}/readings");
    assert.equal(from.schema.anyOf[0].type, "integer");
    assert.notEqual(from.required, true);
  });

  test("stands in the OpenAPI document, which is 3.1", async () => {
    const { json } = await call(open, "/openapi.json");
    assert.equal(json.openapi, "3.1.0");
    for (const name of Object.keys(routePaths) as RouteName[]) {
      const { method, path } = routePaths[name];
      assert.equal(json.paths[path][method].operationId, name);
    }
  });
});

describe("the ledger over REST", () => {
  const builder = new ChainBuilder();
  let rig: Rig;
  const [device] = builder.devices;

  async function get<Name extends RouteName>(name: Name, path: string): Promise<RouteAnswer<Name>> {
    const { status, json } = await call(rig, path);
    assert.equal(status, 200, JSON.stringify(json));
    const parsed = contract[name].answer.parse(json);
    assert.deepEqual(parsed, json, "the answer has exactly the contract's shape");
    return parsed as RouteAnswer<Name>;
  }

  before(async () => {
    rig = await startRig(builder);
    for (let i = 0; i < 5; i++) {
      const at = T0 + i * 10_000;
      const timesMs = [at, at + 1_000, at + 2_000];
      rig.carry(
        builder.add([
          builder.batch(device!, { meter: "M1", timesMs, values: [i * 10, null, i * 10 + 2] }),
          builder.batch(device!, { meter: `N${i}`, timesMs: [at] }),
        ]),
      );
    }
    await rig.indexed(5);
  });
  after(() => rig.stop());

  test("status has the sums and the head", async () => {
    const status = await get("status", "/api/v1/status");
    assert.equal(status.height, 5);
    assert.equal(status.transactions, 10);
    assert.equal(status.readings, 20);
    assert.equal(status.meters, 6);
    assert.equal(status.state, "live");
    assert.deepEqual(status.validators, { total: 4, online: 0, quorum: 3, faultTolerance: 1 });
  });

  test("genesis hashes to the chain id", async () => {
    const { chainId, encoded } = await get("genesis", "/api/v1/genesis");
    const hashed = builder.chain.suite.hash(Buffer.from(encoded, "base64url"));
    assert.equal(formatHex(hashed), chainId);
  });

  test("blocks come newest first, page by page, without gap or repeat", async () => {
    const heights: number[] = [];
    let cursor = "";
    for (;;) {
      const page = await get("blocks", `/api/v1/blocks?limit=2${cursor && `&cursor=${cursor}`}`);
      heights.push(...page.items.map(({ height }) => height));
      if (page.next === null) break;
      cursor = page.next;
    }
    assert.deepEqual(heights, [5, 4, 3, 2, 1]);
  });

  test("a block's header bytes hash to its hash; it is tagged", async () => {
    const block = await get("block", "/api/v1/blocks/3");
    const hashed = builder.chain.suite.hash(Buffer.from(block.header, "base64url"));
    assert.equal(formatHex(hashed), block.hash);
    const { status } = await call(rig, "/api/v1/blocks/3", {
      headers: { "if-none-match": `"${block.hash}"` },
    });
    assert.equal(status, 304);
  });

  test("a block's transactions come in order", async () => {
    const { items, next } = await get("blockTransactions", "/api/v1/blocks/2/transactions?limit=1");
    assert.equal(items[0]!.meter, "M1");
    const rest = await get("blockTransactions", `/api/v1/blocks/2/transactions?cursor=${next}`);
    assert.equal(rest.items[0]!.meter, "N1");
    assert.equal(rest.next, null);
    assert.equal(items[0]!.senderName, "device-1");
  });

  test("a transaction shows its batch", async () => {
    const hash = formatHex(builder.blocks[1]!.txHashes[0]!);
    const found = await get("transaction", `/api/v1/transactions/${hash}`);
    assert.equal(found.state, "final");
    assert.equal(found.batch!.sequence, 2);
    assert.deepEqual(found.batch!.registers[0]!.values, [10, null, 12]);
  });

  test("meters come by name with their sums", async () => {
    const { items } = await get("meters", "/api/v1/meters?limit=1");
    assert.equal(items[0]!.meter, "M1");
    assert.equal(items[0]!.readings, 15);
    assert.equal(items[0]!.sequence, 5);
    assert.equal(items[0]!.firstTimeMs, T0);
    assert.equal(items[0]!.lastTimeMs, T0 + 42_000);
    assert.deepEqual(items[0]!.registers, [{ obis: "1-0:1.8.0", unit: "Wh" }]);
  });

  for (const order of ["asc", "desc"] as const) {
    test(`readings come ${order}, in pages that end inside a batch`, async () => {
      const times: number[] = [];
      let cursor = "";
      for (;;) {
        const page = await get(
          "readings",
          `/api/v1/meters/M1/readings?limit=2&order=${order}${cursor && `&cursor=${cursor}`}`,
        );
        assert.ok(page.items.length <= 2);
        times.push(...page.items.map(({ timeMs }) => timeMs));
        if (page.next === null) break;
        cursor = page.next;
      }
      assert.equal(times.length, 15);
      const sorted = [...times].sort((a, b) => (order === "asc" ? a - b : b - a));
      assert.deepEqual(times, sorted);
    });
  }

  test("readings are cut at both ends, by number or by date", async () => {
    const from = T0 + 1_000;
    const to = new Date(T0 + 11_000).toISOString();
    const { items } = await get("readings", `/api/v1/meters/M1/readings?from=${from}&to=${to}`);
    const offsets = items.map(({ timeMs }) => timeMs - T0);
    assert.deepEqual(offsets, [1_000, 2_000, 10_000, 11_000]);
    assert.equal(items[0]!.value, null);
    const other = await get("readings", "/api/v1/meters/M1/readings?obis=1-0:2.8.0");
    assert.equal(other.items.length, 0);
  });

  test("a transaction's proof verifies with the genesis alone", async () => {
    const hash = formatHex(builder.blocks[3]!.txHashes[1]!);
    const proof = await get("transactionProof", `/api/v1/transactions/${hash}/proof`);
    const proven = verifyProof(builder.chain, proof);
    assert.equal(proven.height, 4);
    assert.equal(formatHex(proven.txHash), hash);
    assert.equal(proven.senderSignature, "checked");
    assert.equal(proven.batch!.meter, "N3");
  });

  test("a reading's proof names the reading and its values", async () => {
    const proof = await get("readingProof", `/api/v1/meters/M1/readings/${T0 + 12_000}/proof`);
    const proven = verifyProof(builder.chain, JSON.parse(JSON.stringify(proof)));
    assert.equal(proven.reading!.values[0]!.value, 12);
    assert.throws(
      () => verifyProof(builder.chain, { ...proof, reading: { meter: "M1", timeMs: T0 + 1 } }),
      { code: "PROOF_INVALID" },
    );
  });

  test("what is not there is NOT_FOUND", async () => {
    for (const path of [
      "/api/v1/blocks/99",
      "/api/v1/blocks/99/transactions",
      `/api/v1/transactions/${"0".repeat(64)}`,
      `/api/v1/transactions/${"0".repeat(64)}/proof`,
      "/api/v1/meters/none/readings",
      `/api/v1/meters/M1/readings/${T0 + 5}/proof`,
      "/api/v1/nothing",
      "/api/v2/status",
    ]) {
      const { status, headers, json } = await call(rig, path);
      assert.equal(status, 404, path);
      assert.equal(json.code, "NOT_FOUND");
      assert.equal(headers.get("content-type"), "application/problem+json");
      assert.ok(json.titleZh.length > 0);
    }
  });

  test("wrong shapes are REQUEST_INVALID and say where", async () => {
    for (const [path, where] of [
      ["/api/v1/blocks/abc", "height"],
      ["/api/v1/blocks/-1", "height"],
      ["/api/v1/blocks/1.5", "height"],
      ["/api/v1/blocks/0x10", "height"],
      ["/api/v1/blocks/1e3", "height"],
      ["/api/v1/blocks/%20", "height"],
      ["/api/v1/blocks/+1/transactions", "height"],
      ["/api/v1/blocks?limit=", "limit"],
      ["/api/v1/blocks?limit=0x5", "limit"],
      ["/api/v1/meters?cursor=%00", "cursor"],
      ["/api/v1/identities?cursor=%00", "cursor"],
      ["/api/v1/meters/M1/readings?from=", "from"],
      ["/api/v1/meters/M1/readings?to=1e12", "to"],
      ["/api/v1/meters/M1/readings/0x1/proof", "timeMs"],
      ["/api/v1/blocks?limit=0", "limit"],
      ["/api/v1/blocks?limit=501", "limit"],
      ["/api/v1/blocks?cursor=x", "cursor"],
      ["/api/v1/blocks?cursor=1.2", "cursor"],
      ["/api/v1/transactions/xyz", "hash"],
      ["/api/v1/transactions/..%2f..%2fetc", "hash"],
      ["/api/v1/meters/%00/readings", "meter"],
      [`/api/v1/meters/${"m".repeat(49)}/readings`, "meter"],
      ["/api/v1/meters/M1/readings?from=yesterday", "from"],
      ["/api/v1/meters/M1/readings?cursor=1.2", "cursor"],
    ] as const) {
      const { status, json } = await call(rig, path);
      assert.equal(status, 400, path);
      assert.equal(json.code, "REQUEST_INVALID");
      assert.ok(json.detail.includes(where), `${path}: ${json.detail}`);
    }
  });

  test("an answer comes as CBOR to a caller that asks for it, and says the same", async () => {
    const { json } = await call(rig, "/api/v1/blocks/3");
    const headers = { accept: "application/cbor, application/json;q=0.5" };
    const { response } = await call(rig, "/api/v1/blocks/3", { headers });
    assert.equal(response.headers.get("content-type"), "application/cbor");
    const bytes = new Uint8Array(await response.arrayBuffer());
    const decoded = new Decoder({ mapsAsObjects: true, useRecords: false }).decode(bytes);
    assert.equal(decoded.timeMs, BigInt(json.timeMs), "times stay integers");
    assert.deepEqual({ ...decoded, timeMs: Number(decoded.timeMs) }, json);
    assert.notEqual(response.headers.get("etag"), null);
    assert.ok(bytes.length < JSON.stringify(json).length);
  });

  test("metrics and health answer", async () => {
    const { response } = await call(rig, "/metrics");
    const text = await response.text();
    assert.match(text, /^gridledger_height 5$/m);
    assert.match(text, /^gridledger_broker_refusals_total\{code="MQTT_TOPIC"\} 3$/m);
    assert.match(text, /process_cpu_seconds_total/);
    for (const [, name, type] of text.matchAll(/^# TYPE (gridledger_\S+) (\S+)$/gm)) {
      assert.equal(type, name!.endsWith("_total") ? "counter" : "gauge", name);
    }
    const again = await (await call(rig, "/metrics")).response.text();
    assert.match(again, /^gridledger_transactions_total 10$/m, "told again, not added up");
    assert.equal((await call(rig, "/healthz")).status, 200);
    assert.equal((await call(rig, "/readyz")).status, 200);
  });
});

describe("bodies", () => {
  let rig: Rig;
  before(async () => {
    rig = await startRig(new ChainBuilder());
  });
  after(() => rig.stop());

  async function post(body: string | ReadableStream<Uint8Array>, headers: Record<string, string>) {
    const response = await rig.app.request(`${BASE}/api/v1/transactions`, {
      ...{ method: "POST", headers, body, duplex: "half" },
    });
    const json = (await response.json()) as { code: string; detail: string };
    return { status: response.status, json };
  }
  const asJson = { "content-type": "application/json" };

  test("broken JSON, no body, another content type", async () => {
    for (const [body, headers] of [
      ["{", asJson],
      ["", asJson],
      ["null", asJson],
      ["[]", asJson],
      ['{"transaction":5}', asJson],
      ['{"transaction":"!!"}', asJson],
      ['{"transaction":""}', asJson],
      ["transaction=AAAA", { "content-type": "application/x-www-form-urlencoded" }],
      ['{"transaction":"AAAA"}', { "content-type": "text/plain" }],
    ] as const) {
      const { status, json } = await post(body, headers);
      assert.equal(status, 400, body);
      assert.equal(json.code, "REQUEST_INVALID", body);
    }
  });

  test("bytes that are no transaction are refused with the decoder's code", async () => {
    const { status, json } = await post('{"transaction":"AAAA"}', asJson);
    assert.equal(status, 400);
    assert.equal(json.code, "CBOR_SHAPE");
  });

  test("10 MB announced are refused unread", async () => {
    let hasRead = false;
    const body = new ReadableStream(
      {
        pull(controller) {
          hasRead = true;
          controller.enqueue(new Uint8Array(10_000_000));
        },
      },
      { highWaterMark: 0 },
    );
    const { status, json } = await post(body, { ...asJson, "content-length": "10000000" });
    assert.equal(status, 413);
    assert.equal(json.code, "REQUEST_TOO_LARGE");
    assert.equal(hasRead, false);
  });

  test("10 MB that are not announced are refused after the first", async () => {
    let chunks = 0;
    const body = new ReadableStream({
      pull(controller) {
        chunks++;
        controller.enqueue(new Uint8Array(65_536));
        if (chunks === 160) controller.close();
      },
    });
    const { status, json } = await post(body, asJson);
    assert.equal(status, 413);
    assert.equal(json.code, "REQUEST_TOO_LARGE");
    assert.ok(chunks < 25, `${chunks} chunks were read`);
  });
});

describe("the door", () => {
  const builder = new ChainBuilder();
  let rig: Rig;
  const dashboardDir = mkdtempSync(join(tmpdir(), "gl-dash-"));
  before(async () => {
    mkdirSync(join(dashboardDir, "assets"));
    writeFileSync(join(dashboardDir, "index.html"), "<!doctype html><title>console</title>");
    writeFileSync(join(dashboardDir, "assets/main-ABC123.js"), "1;");
    writeFileSync(join(dashboardDir, "verify.html"), "<!doctype html><title>verify</title>");
    rig = await startRig(builder, { dashboardDir });
  });
  after(async () => {
    await rig.stop();
    rmSync(dashboardDir, { recursive: true });
  });

  test("another Host name is refused on loopback (DNS rebinding)", async () => {
    for (const host of ["evil.example", "127.0.0.1.evil.example", "10.0.0.1"]) {
      const response = await rig.app.request(`http://${host}/api/v1/status`);
      assert.equal(response.status, 403, host);
      const { code } = (await response.json()) as { code: string };
      assert.equal(code, "HOST_FOREIGN");
    }
    for (const host of ["localhost:8080", "127.0.0.1:9", "[::1]:80"]) {
      assert.equal((await rig.app.request(`http://${host}/api/v1/status`)).status, 200, host);
    }
  });

  test("every answer has the security headers", async () => {
    for (const path of ["/", "/api/v1/status", "/api/v1/nothing", "/docs", "/api/v1/blocks/x"]) {
      const { headers } = await call(rig, path);
      assert.match(headers.get("content-security-policy")!, /default-src 'self'/, path);
      assert.match(headers.get("content-security-policy")!, /frame-ancestors 'none'/);
      assert.equal(headers.get("x-content-type-options"), "nosniff");
      assert.equal(headers.get("referrer-policy"), "no-referrer");
      assert.equal(headers.get("x-frame-options"), "DENY");
      const isDocs = path === "/docs";
      assert.equal(headers.get("content-security-policy")!.includes("unsafe"), isDocs, path);
    }
  });

  test("the page that verifies evidence may run what is in it, and ask nobody", async () => {
    const { headers, status } = await call(rig, "/verify.html");
    assert.equal(status, 200);
    const policy = headers.get("content-security-policy")!;
    assert.match(policy, /default-src 'none'; script-src 'unsafe-inline'/);
    assert.doesNotMatch(policy, /connect-src|self/);
  });

  test("the docs are served by us and name no other host", async () => {
    for (const path of ["/docs", "/docs/", "/docs/start.js", "/docs/swagger-ui.css"]) {
      const { response, status } = await call(rig, path);
      assert.equal(status, 200, path);
      if (path !== "/docs/swagger-ui.css")
        assert.doesNotMatch(await response.text(), /https?:\/\//);
    }
    assert.equal((await call(rig, "/docs/swagger-ui-bundle.js")).status, 200);
    assert.equal((await call(rig, "/docs/package.json")).status, 200); // the console's page, no file
  });

  test("the console is served, its router's paths too; hashed files are kept for ever", async () => {
    for (const path of ["/", "/meters/M1", "/blocks"]) {
      const { response, headers } = await call(rig, path);
      assert.match(await response.text(), /console/, path);
      assert.equal(headers.get("cache-control"), "no-cache");
    }
    const { headers } = await call(rig, "/assets/main-ABC123.js");
    assert.match(headers.get("cache-control")!, /immutable/);
    assert.match(headers.get("content-type")!, /javascript/);
    assert.equal((await call(rig, "/assets/other.js")).status, 404);
  });

  test("nothing outside the console's directory is served", async () => {
    for (const path of [
      "/..%2f..%2fetc%2fpasswd",
      "/%2e%2e/%2e%2e/etc/passwd",
      "/assets/..%2f..%2f..%2fetc%2fpasswd",
      "/%00",
      "/%",
      "/..%5c..%5cetc",
    ]) {
      const response = await rig.app.request(BASE + path);
      assert.doesNotMatch(await response.text(), /root:/, path);
    }
  });

  test("a failure inside shows its code and nothing else; the log has the cause", async () => {
    rig.carry(builder.add([builder.batch(builder.devices[0]!, { meter: "S1", timesMs: [T0] })]));
    await rig.indexed(1);
    await rig.store.transaction((db) => db("blocks").update({ hash: Buffer.alloc(32) }));
    const { status, json } = await call(rig, "/api/v1/blocks/1");
    assert.equal(status, 500);
    assert.equal(json.code, "STORE_CORRUPT");
    assert.doesNotMatch(JSON.stringify(json), /sqlite|at block|\//i);
    assert.ok(rig.lines.some(({ level }) => level === "error"));
    // Bytes that rotted away in a transaction are neither shown nor proven.
    await rig.store.transaction((db) => db("transactions").update({ encoded: Buffer.alloc(200) }));
    const hash = formatHex(builder.blocks[0]!.txHashes[0]!);
    for (const path of [hash, `${hash}/proof`]) {
      const damaged = await call(rig, `/api/v1/transactions/${path}`);
      assert.equal(damaged.json.code, "STORE_CORRUPT");
    }
  });
});

describe("signing in", () => {
  const builder = new ChainBuilder();
  let rig: Rig;
  before(async () => {
    rig = await startRig(builder, { anonymousReads: false });
  });
  after(() => rig.stop());

  test("the one-time password opens only the change of password", async () => {
    const headers = await signIn(rig, rig.password!);
    const { json: session } = await call(rig, "/api/v1/session", { headers });
    assert.equal(session.mustChangePassword, true);
    assert.deepEqual(session.roles, ["operator", "administrator"]);
    assert.ok(!session.permissions.includes("identity.enrol"));
    const body = { name: "x", role: "device", publicKey: "A".repeat(44) };
    const enrol = await call(rig, "/api/v1/identities", { headers, body });
    assert.equal(enrol.json.code, "FORBIDDEN");
    assert.equal((await call(rig, "/api/v1/blocks", { headers })).status, 200);
  });

  test("weak passwords are refused; a good one ends the other sessions", async () => {
    const headers = await signIn(rig, rig.password!);
    const other = await signIn(rig, rig.password!);
    for (const next of [
      "short",
      "aaaaaaaaaaaaaa",
      "password12345",
      "operator-operator",
      "123456789012",
    ]) {
      const { status, json } = await call(rig, "/api/v1/session/password", {
        headers,
        body: { current: rig.password, next },
      });
      assert.equal(status, 400, next);
      assert.match(json.code, /PASSWORD_WEAK|REQUEST_INVALID/);
    }
    const changed = await call(rig, "/api/v1/session/password", {
      headers,
      body: { current: rig.password, next: NEW_PASSWORD },
    });
    assert.equal(changed.json.mustChangePassword, false);
    assert.equal((await call(rig, "/api/v1/blocks", { headers: other })).status, 401);
    const fresh = { cookie: cookieOf(changed.headers) };
    assert.equal((await call(rig, "/api/v1/blocks", { headers: fresh })).status, 200);
  });

  test("the cookie is HttpOnly and SameSite=Strict, and neither it nor the password is stored", async () => {
    const { headers } = await call(rig, "/api/v1/session", {
      body: { user: "operator", password: NEW_PASSWORD },
    });
    const cookie = headers.get("set-cookie")!;
    assert.match(cookie, /HttpOnly/);
    assert.match(cookie, /SameSite=Strict/);
    assert.match(cookie, /Max-Age=43200/);
    const token = cookieOf(headers).split("=")[1]!;
    const rows = JSON.stringify([
      await rig.store.read("sessions"),
      await rig.store.read("accounts"),
    ]);
    assert.ok(!rows.includes(token) && !rows.includes(NEW_PASSWORD));
    assert.match(rows, /argon2id/);
  });

  test("a change without the CSRF token, or from another site, is refused", async () => {
    const headers = await signIn(rig, NEW_PASSWORD);
    const body = { name: "x", role: "device", publicKey: "A".repeat(44) };
    for (const changed of [
      { cookie: headers.cookie! },
      { ...headers, "x-csrf-token": "wrong" },
      { ...headers, origin: "http://evil.example" },
      { ...headers, origin: "null" },
    ]) {
      const { status, json } = await call(rig, "/api/v1/identities", { headers: changed, body });
      assert.equal(status, 403);
      assert.equal(json.code, "CSRF_INVALID");
    }
    const out = await call(rig, "/api/v1/session", {
      method: "DELETE",
      headers: { cookie: headers.cookie! },
    });
    assert.equal(out.status, 403);
    const foreign = await call(rig, "/api/v1/session", {
      headers: { origin: "http://evil.example" },
      body: { user: "operator", password: NEW_PASSWORD },
    });
    assert.equal(foreign.status, 403);
  });

  test("signing out ends the session", async () => {
    const headers = await signIn(rig, NEW_PASSWORD);
    const { json } = await call(rig, "/api/v1/session", { method: "DELETE", headers });
    assert.equal(json.signedIn, false);
    assert.equal((await call(rig, "/api/v1/blocks", { headers })).status, 401);
  });

  test("a session ends after 12 hours", async () => {
    const headers = await signIn(rig, NEW_PASSWORD);
    rig.clock.sleep(12 * 3_600_000 + 1);
    assert.equal((await call(rig, "/api/v1/blocks", { headers })).status, 401);
  });

  test("failed tries lock the address, longer each time, and then let it in again", async () => {
    const wrong = () =>
      call(rig, "/api/v1/session", { body: { user: "operator", password: "guess" } });
    for (let i = 0; i < 6; i++) {
      const { status, json } = await wrong();
      assert.equal(status, 401);
      assert.equal(json.code, "LOGIN_FAILED");
    }
    const { status, headers, json } = await wrong();
    assert.equal(status, 429);
    assert.equal(json.code, "LOGIN_LOCKED");
    assert.ok(Number(headers.get("retry-after")) >= 1);
    const right = { body: { user: "operator", password: NEW_PASSWORD } };
    assert.equal((await call(rig, "/api/v1/session", right)).status, 429);
    rig.clock.advance(1_000);
    assert.equal((await wrong()).status, 401);
    rig.clock.advance(1_000);
    assert.equal((await call(rig, "/api/v1/session", right)).status, 429); // 2 s now
    rig.clock.advance(1_000);
    assert.equal((await call(rig, "/api/v1/session", right)).status, 200);
  });

  test("an unknown name fails like a wrong password", async () => {
    const { json } = await call(rig, "/api/v1/session", {
      body: { user: "nobody", password: "guess" },
    });
    assert.equal(json.code, "LOGIN_FAILED");
  });

  test("a flood of tries is held back", async () => {
    const codes = new Set<string>();
    for (let i = 0; i < 40; i++) {
      const { json } = await call(rig, "/api/v1/session", {
        body: { user: `u${i}`, password: "" },
      });
      codes.add(json.code);
    }
    assert.ok(codes.has("LOGIN_LOCKED") && codes.has("RATE_LIMITED"), [...codes].join());
  });
});

describe("enrolment", () => {
  test("an operator enrols; the transaction is signed by the authority and goes out", async () => {
    const builder = new ChainBuilder();
    const rig = await startRig(builder);
    try {
      const headers = await asOperator(rig);
      const key = builder.newKey("meter 7");
      const publicKey = Buffer.from(key.signer.publicKey).toString("base64url");
      const body = { name: "meter 7", role: "device", publicKey };
      const answering = call(rig, "/api/v1/identities", { headers, body });
      const sent = () => rig.bus.on(/\/t\//).flatMap((message) => decodeTransactions(message));
      await until(() => sent().length > 0, "the enrolment goes out");
      rig.carry(builder.add(sent()));
      const { status, json } = await answering;
      assert.equal(status, 200);
      assert.equal(json.state, "final");
      assert.equal(json.id, key.id);
      assert.equal(rig.directory.find(key.id)?.name, "meter 7");
      const again = await call(rig, "/api/v1/identities", { headers, body });
      assert.equal(again.json.code, "IDENTITY_EXISTS");
      const bad = { ...body, publicKey: "A".repeat(44) };
      assert.equal(
        (await call(rig, "/api/v1/identities", { headers, body: bad })).json.code,
        "KEY_INVALID",
      );
    } finally {
      await rig.stop();
    }
  });
});
