import assert from "node:assert/strict";
import { join } from "node:path";
import { afterEach, describe, test } from "node:test";
import { formatHex } from "@gridledger/protocol/hex";
import { isChunkOf } from "@gridledger/protocol/objects/chunks";
import { MAX_RUN_BYTES } from "@gridledger/protocol/objects/manifest";
import {
  decodeObjectReceipt,
  verifyObjectReceipt,
} from "@gridledger/protocol/objects/object-receipt";
import { verifyObjectProof } from "@gridledger/protocol/objects/prove-object";
import { call } from "../hub/call.ts";
import { signedInAs } from "../hub/people.ts";
import { type Rig, startRig } from "../hub/rig.ts";
import { ChainBuilder } from "../support/chain-builder.ts";
import { begin, commit, heard, put, sendChunk } from "./put.ts";
import { type Packed, packed } from "./support.ts";

const bytes = Uint8Array.from({ length: 3_500 }, (_, i) => (i * 2_654_435_761) >>> 13);
const base64url = (some: Uint8Array) => Buffer.from(some).toString("base64url");

let rig: Rig | undefined;
afterEach(async () => {
  await rig?.stop();
  rig = undefined;
});

describe("an object over REST", () => {
  test("goes in chunk by chunk, gets a signed receipt at once and an address when it is final", async () => {
    const builder = new ChainBuilder();
    rig = await startRig(builder);
    const of = packed(builder, builder.operator, bytes);
    const root = formatHex(of.manifest.root);
    assert.deepEqual((await begin(rig!, of)).json, { root, missing: [[0, 3]] });
    for (const index of [2, 0]) assert.equal((await sendChunk(rig!, of, index)).status, 200);
    const early = await commit(rig!, of);
    assert.deepEqual([early.status, early.json.code], [409, "OBJECT_INCOMPLETE"]);
    assert.equal(rig.outbox.size, 0);
    // The line broke: the same beginning again says what is still missing.
    assert.deepEqual((await begin(rig!, of)).json.missing, [
      [1, 1],
      [3, 3],
    ]);
    for (const index of [1, 3, 3]) await sendChunk(rig!, of, index);

    const { status, json } = await commit(rig!, of);
    assert.deepEqual([status, json.state, json.address], [202, "spooled", null]);
    const { suite, chainId } = builder.chain;
    const message = decodeObjectReceipt(Buffer.from(json.receipt, "base64url"));
    const said = verifyObjectReceipt(suite, builder.hub.signer.publicKey, chainId, message);
    assert.deepEqual(formatHex(said.root), root);
    assert.equal((await call(rig, `/api/v1/objects/${root}`)).json.state, "spooled");

    rig.carry(builder.add([of.transaction]));
    await rig.indexed(1);
    const shown = (await call(rig, `/api/v1/objects/${root}`)).json;
    assert.equal(shown.state, "final");
    assert.deepEqual(shown.address, { channel: "test", height: 1, txIndex: 0, chunks: 4, root });
    for (const name of ["1.0", shown.transaction]) {
      assert.equal((await call(rig, `/api/v1/objects/${name}`)).json.root, root);
    }
    assert.equal((await commit(rig!, of)).json.state, "final");
    const list = (await call(rig, "/api/v1/objects?name=tariff.csv")).json;
    assert.deepEqual([list.items.length, list.next], [1, null]);
    assert.equal((await call(rig, "/api/v1/objects?name=other")).json.items.length, 0);
  });

  test("goes in by runs of chunks, of which those before a false one stay", async () => {
    const builder = new ChainBuilder();
    rig = await startRig(builder);
    const of = packed(builder, builder.operator, bytes);
    await begin(rig!, of);
    const flipped = Uint8Array.from(of.bytes);
    flipped[2_100]! ^= 1;
    const code = async (response: Response | Promise<Response>) =>
      ((await (await response).json()) as { code: string }).code;
    assert.equal(await code(sendChunk(rig!, of, 0, flipped)), "OBJECT_CHUNK");
    assert.deepEqual((await begin(rig!, of)).json.missing, [[2, 3]]);
    const beyond = Buffer.concat([of.bytes.slice(2_048), new Uint8Array(1_024)]);
    assert.equal(await code(sendChunk(rig!, of, 2, beyond)), "OBJECT_CHUNK");
    const much = new Uint8Array(MAX_RUN_BYTES + 1);
    assert.equal(await code(sendChunk(rig!, of, 0, much)), "REQUEST_TOO_LARGE");
    const last = await sendChunk(rig!, of, 2, of.bytes.slice(2_048));
    assert.deepEqual(await last.json(), { index: 2, chunks: 2 });
    assert.deepEqual((await begin(rig!, of)).json.missing, []);
  });

  test("comes out whole, by range and by chunk, each proven to the header", async () => {
    const builder = new ChainBuilder();
    rig = await startRig(builder);
    const of = packed(builder, builder.operator, bytes);
    await put(rig!, builder, of);
    const url = `http://localhost/api/v1/objects/${formatHex(of.manifest.root)}/data`;
    const whole = await rig.app.request(url);
    assert.deepEqual(new Uint8Array(await whole.arrayBuffer()), bytes);
    assert.match(whole.headers.get("content-disposition") ?? "", /attachment/);
    assert.equal(whole.headers.get("content-type"), "application/octet-stream");
    const ranges: [string, number, number][] = [
      ["bytes=1000-2999", 1_000, 3_000],
      ["bytes=3400-", 3_400, 3_500],
      ["bytes=-10", 3_490, 3_500],
      ["bytes=0-0", 0, 1],
      ["bytes=1024-2047", 1_024, 2_048],
    ];
    for (const [range, from, to] of ranges) {
      const part = await rig.app.request(url, { headers: { range } });
      assert.equal(part.status, 206);
      assert.equal(part.headers.get("content-range"), `bytes ${from}-${to - 1}/3500`);
      assert.deepEqual(new Uint8Array(await part.arrayBuffer()), bytes.slice(from, to));
    }
    const behind = await rig.app.request(url, { headers: { range: "bytes=3500-" } });
    assert.equal(behind.status, 416);
    assert.equal(behind.headers.get("content-range"), "bytes */3500");

    const chunk = (await call(rig, "/api/v1/objects/1.0/chunks/3")).json;
    const shown = (await call(rig, "/api/v1/objects/1.0")).json;
    const proof = (await call(rig, `/api/v1/transactions/${shown.transaction}/proof`)).json;
    const { manifest, proven } = verifyObjectProof(builder.chain, proof);
    assert.equal(proven.height, 1);
    const path = chunk.path.map((one: string) => Buffer.from(one, "hex"));
    const [salt, part] = [Buffer.from(chunk.salt, "hex"), Buffer.from(chunk.bytes, "base64url")];
    assert.ok(isChunkOf(builder.chain.suite.hash, manifest, { index: 3, salt, bytes: part, path }));
    assert.equal((await call(rig, "/api/v1/objects/1.0/chunks/4")).json.code, "OBJECT_RANGE");
  });

  test("that is false anywhere is refused, and nothing of it stays", async () => {
    const builder = new ChainBuilder();
    rig = await startRig(builder);
    const of = packed(builder, builder.operator, bytes);
    const stranger = packed(builder, builder.newKey("stranger"), bytes);
    const forged = Uint8Array.from(of.transaction);
    forged[forged.length - 1]! ^= 1;
    const cases: [Packed, string][] = [
      [{ ...of, transaction: forged }, "SIGNATURE_INVALID"],
      [{ ...of, leaves: of.leaves.slice(1) }, "OBJECT_SHAPE"],
      [{ ...of, leaves: [...of.leaves].reverse() }, "OBJECT_SHAPE"],
      [{ ...of, secret: of.secret.slice(1) }, "OBJECT_SHAPE"],
      [stranger, "SENDER_UNKNOWN"],
      [packed(builder, builder.validators[0]!, bytes), "SENDER_ROLE"],
      [
        { ...of, transaction: builder.batch(builder.devices[0]!, { meter: "M1", timesMs: [1] }) },
        "OBJECT_SHAPE",
      ],
    ];
    for (const [one, code] of cases) assert.equal((await begin(rig!, one)).json.code, code);
    assert.equal((await sendChunk(rig!, of, 0)).status, 404);
    await begin(rig!, of);
    const flipped = of.bytes.slice(0, 1_024);
    flipped[5]! ^= 1;
    for (const [index, raw] of [
      [0, flipped],
      [0, of.bytes.slice(0, 1_023)],
      [1, of.bytes.slice(0, 1_024)],
      [4, new Uint8Array(0)],
    ] as const) {
      const response = await sendChunk(rig!, of, index, raw);
      assert.equal(((await response.json()) as { code: string }).code, "OBJECT_CHUNK");
    }
    assert.deepEqual((await begin(rig!, of)).json.missing, [[0, 3]]);
    const thief = packed(builder, builder.devices[0]!, bytes);
    const stolen = { ...of, transaction: thief.transaction };
    assert.equal((await begin(rig!, stolen)).json.code, "OBJECT_SHAPE");
  });

  test("can be signed anew when its first signature has waited too long", async () => {
    const builder = new ChainBuilder();
    rig = await startRig(builder);
    const of = packed(builder, builder.operator, bytes.slice(0, 10));
    const late = { ...of, transaction: of.sign(1) };
    await begin(rig!, late);
    await sendChunk(rig!, late, 0);
    rig.carry(builder.add([builder.batch(builder.devices[0]!, { meter: "M1", timesMs: [1] })]));
    await rig.indexed(1);
    assert.equal((await commit(rig!, late)).json.code, "TX_EXPIRED");
    const renewed = of.sign(50);
    const { json } = await commit(rig!, late, { transaction: base64url(renewed) });
    assert.equal(json.state, "spooled");
    const other = packed(builder, builder.operator, bytes.slice(0, 11));
    const { json: refused } = await commit(rig!, late, {
      transaction: base64url(other.transaction),
    });
    assert.equal(refused.code, "OBJECT_EXISTS");
  });

  test("survives a restart of the hub, and a copy that was changed on its disk is noticed", async () => {
    const builder = new ChainBuilder();
    rig = await startRig(builder);
    const of = packed(builder, builder.operator, bytes);
    await put(rig!, builder, of);
    const { directoryPath: directory } = rig;
    await rig.stop(true);
    const file = join(directory, "objects.sqlite");
    const { default: sqlite3 } = await import("sqlite3");
    const db = new sqlite3.Database(file);
    await new Promise((done) => db.run("update chunks set bytes = x'00' where number = 1", done));
    await new Promise((done) => db.close(done));
    rig = await startRig(builder, { directory });
    heard(rig, builder);
    const good = await call(rig, "/api/v1/objects/1.0/chunks/0");
    assert.deepEqual(Buffer.from(good.json.bytes, "base64url"), Buffer.from(bytes.slice(0, 1_024)));
    const bad = await call(rig, "/api/v1/objects/1.0/chunks/1");
    assert.deepEqual([bad.status, bad.json.code], [503, "OBJECT_PAYLOAD"]);
  });

  test("is read by whom its class lets, and by its owner", async () => {
    const builder = new ChainBuilder();
    rig = await startRig(builder);
    const secret = packed(builder, builder.operator, bytes, { classification: "confidential" });
    const open = packed(builder, builder.operator, bytes, { classification: "public" });
    await put(rig!, builder, secret);
    await put(rig!, builder, open);
    const paths = ["", "/data", "/chunks/0", "/opening"];
    for (const path of paths) {
      assert.equal((await call(rig, `/api/v1/objects/2.0${path}`)).status, 200, path);
      assert.equal((await call(rig, `/api/v1/objects/1.0${path}`)).json.code, "NOT_SIGNED_IN");
    }
    assert.equal((await call(rig, "/api/v1/objects")).json.items.length, 1);
    const headers = await signedInAs(rig, { name: "an-operator", roles: ["operator"] });
    assert.equal((await call(rig, "/api/v1/objects", { headers })).json.items.length, 2);
    assert.equal((await call(rig, "/api/v1/objects/1.0", { headers })).status, 200);
    const program = await signedInAs(rig, { name: "a-program", roles: ["application"] });
    const refused = await call(rig, "/api/v1/objects/1.0", { headers: program });
    assert.equal(refused.json.code, "FORBIDDEN");
  });
});
