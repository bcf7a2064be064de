import assert from "node:assert/strict";
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, test } from "node:test";
import { ApiClient } from "@gridledger/protocol/api/client";
import { Fault } from "@gridledger/protocol/faults";
import { formatHex } from "@gridledger/protocol/hex";
import { verifyObjectProof } from "@gridledger/protocol/objects/prove-object";
import { decodeSpoolReceipt, verifySpoolReceipt } from "@gridledger/protocol/objects/spool-receipt";
import type { Hub } from "../../hub/src/cli/hub/connect.ts";
import { keepBegun } from "../../hub/src/cli/objects/begun-put.ts";
import { cutObject, type Declared } from "../../hub/src/cli/objects/cut-object.ts";
import { openSource } from "../../hub/src/cli/objects/object-source.ts";
import { sendSpool } from "../../hub/src/cli/objects/spool/send-spooled.ts";
import { spoolObject } from "../../hub/src/cli/objects/spool/spool-object.ts";
import { readSpooled, spooledFolders } from "../../hub/src/cli/objects/spool/spooled-object.ts";
import { type Rig, startRig } from "../hub/rig.ts";
import { ChainBuilder, type Key } from "../support/chain-builder.ts";
import { soleKey } from "../support/sole-key.ts";
import { bytes, declared, makeLoadFile } from "./load-file.ts";
import { heard } from "./put.ts";
import { packed } from "./support.ts";

const hasCode = (code: string) => (thrown: unknown) =>
  thrown instanceof Fault && thrown.code === code;

describe("a gateway without a connection", () => {
  let on: ChainBuilder;
  let rig: Rig | undefined;
  let directory = "";
  let file = "";
  let spool = "";

  beforeEach(() => {
    on = new ChainBuilder();
    ({ directory, file } = makeLoadFile());
    spool = join(directory, "spool");
  });
  afterEach(async () => {
    await rig?.stop();
    rig = undefined;
    rmSync(directory, { recursive: true, force: true });
  });

  const keep = (said: Partial<Declared> = {}, by: Key = on.operator) =>
    spoolObject(
      { chain: on.chain, key: soleKey(on.chain, by.signer) },
      ...([spool, file, openSource(file, "bytes"), { ...declared, ...said }] as const),
    );

  /** The line breaks with the first request of this path and method, after the hub has heard it. */
  function send(breaksAt?: RegExp, by: Key = on.operator) {
    const asked: string[] = [];
    const client = new ApiClient({
      baseUrl: "http://localhost",
      fetch: async (input, init) => {
        const name = `${init?.method ?? "GET"} ${new URL(String(input)).pathname}`;
        asked.push(name);
        const answer = await rig!.app.request(String(input), init);
        if (breaksAt?.test(name)) throw new Fault("HUB_UNREACHABLE");
        return answer;
      },
    });
    const hub: Hub = {
      url: "http://localhost",
      call: (name, input) => client.call(name, input),
      request: (name, input) => client.request(name, input),
    };
    const key = soleKey(on.chain, by.signer);
    return { asked, sent: sendSpool({ hub, chain: on.chain, key }, spool, 0) };
  }

  async function states(breaksAt?: RegExp, by?: Key) {
    const sent = await send(breaksAt, by).sent;
    return sent.map(({ state, fault }) => fault?.code ?? state);
  }

  /** What the hub has committed goes into a block. */
  async function seal(...roots: Uint8Array[]) {
    const found = await Promise.all(roots.map((root) => rig!.objects.desk.find(root)));
    rig!.carry(on.add(found.map((one) => one!.payload.transaction)));
    await rig!.indexed(on.height);
    heard(rig!, on);
  }

  test("acknowledges with a receipt of its own, sends later, and lets go when the chain has it", async () => {
    const { folder, manifest } = await keep();
    assert.deepEqual(readFileSync(join(folder, "bytes")), bytes);
    for (const name of readdirSync(folder)) {
      assert.equal(statSync(join(folder, name)).mode & 0o777, 0o600, name);
    }
    const { receipt } = JSON.parse(readFileSync(join(folder, "spool-receipt.json"), "utf8"));
    const message = decodeSpoolReceipt(Buffer.from(receipt, "base64url"));
    const { suite, chainId } = on.chain;
    const { publicKey } = on.operator.signer;
    assert.deepEqual(verifySpoolReceipt(suite, publicKey, chainId, message).manifest, manifest);
    const other = new Uint8Array(32);
    assert.throws(() => verifySpoolReceipt(suite, publicKey, other, message), Fault);

    rig = await startRig(on);
    assert.deepEqual(await states(), ["sent"]);
    const kept = () => JSON.parse(readFileSync(join(folder, "receipt.json"), "utf8"));
    assert.deepEqual([kept().state, kept().proof], ["spooled", null]);
    assert.ok(existsSync(join(folder, "bytes")));
    await seal(manifest.root);
    assert.deepEqual(await states(), ["final"]);
    assert.deepEqual(verifyObjectProof(on.chain, kept().proof).manifest, manifest);
    assert.deepEqual(readdirSync(folder).sort(), ["receipt.json", "spool-receipt.json"]);
    assert.deepEqual(await states(), []);
  });

  test("killed between any two steps it goes on, and the object stands once", async () => {
    mkdirSync(join(spool, ".new-killed"), { recursive: true });
    writeFileSync(join(spool, ".new-killed", "bytes"), bytes);
    const { folder, manifest } = await keep();
    assert.equal(spooledFolders(spool).length, 1);
    rig = await startRig(on);
    for (const step of [/^POST .*\/objects$/, /^PUT /, /commit$/]) {
      await assert.rejects(send(step).sent, hasCode("HUB_UNREACHABLE"));
      assert.equal(readSpooled(folder, on.chain).state, "waiting");
    }
    const again = send();
    await again.sent;
    assert.ok(!again.asked.some((name) => name.startsWith("PUT")), "all chunks were there");
    await seal(manifest.root);
    // The proof does not come, then everything is done but the removal.
    await assert.rejects(send(/proof/).sent, hasCode("HUB_UNREACHABLE"));
    assert.ok(existsSync(join(folder, "bytes")));
    const whole = join(directory, "whole");
    cpSync(folder, whole, { recursive: true });
    await states();
    for (const name of ["bytes", "secret"]) cpSync(join(whole, name), join(folder, name));
    const last = send();
    await last.sent;
    assert.ok(!last.asked.some((name) => /commit|PUT/.test(name)));
    assert.deepEqual([existsSync(join(folder, "bytes")), on.height], [false, 1]);
  });

  test("what is damaged is named and not sent, and others go on", async () => {
    const [first, second, third] = [await keep(), await keep(), await keep()];
    const hurt = Buffer.from(bytes);
    hurt[4_000]! ^= 1;
    writeFileSync(join(first.folder, "bytes"), hurt);
    const path = join(second.folder, "spool-receipt.json");
    const content = JSON.parse(readFileSync(path, "utf8"));
    const receipt = Buffer.from(content.receipt, "base64url");
    receipt[receipt.indexOf("load.csv")]! ^= 1;
    writeFileSync(
      path,
      JSON.stringify({ ...content, receipt: Buffer.from(receipt).toString("base64url") }),
    );
    rig = await startRig(on);
    const sent = await send().sent;
    const codeOf = ({ manifest }: typeof first) =>
      sent.find(({ root }) => root === formatHex(manifest.root))?.fault?.code;
    const codes = [codeOf(first), codeOf(second), codeOf(third)];
    assert.deepEqual(codes, ["OBJECT_SPOOL_DAMAGED", "OBJECT_SPOOL_DAMAGED", undefined]);
    assert.equal(await rig.objects.desk.find(first.manifest.root), undefined);
    assert.ok(await rig.objects.desk.find(third.manifest.root));
  });

  test("the hub's word alone does not let go of the bytes", async () => {
    const { folder, manifest } = await keep();
    const other = await keep();
    rig = await startRig(on);
    await states();
    await seal(other.manifest.root);
    await states();
    const proof = JSON.parse(readFileSync(join(other.folder, "receipt.json"), "utf8")).proof;
    const said = JSON.parse(readFileSync(join(folder, "receipt.json"), "utf8"));
    const forged = JSON.stringify({ ...said, state: "final", proof });
    writeFileSync(join(folder, "receipt.json"), forged);
    assert.deepEqual(await states(), ["sent"]);
    assert.ok(existsSync(join(folder, "bytes")));
    assert.ok(await rig.objects.desk.find(manifest.root));
  });

  test("another key and another chain are refused with a code", async () => {
    await keep();
    rig = await startRig(on);
    assert.deepEqual(await states(undefined, on.hub), ["OBJECT_SPOOL_OWNER"]);
    await rig.stop();
    const { operator } = on;
    on = new ChainBuilder({ channel: "other" });
    rig = await startRig(on);
    assert.deepEqual(await states(undefined, operator), ["CHAIN_MISMATCH"]);
  });

  test("the same content without salts is one object, and a put begun online keeps its root", async () => {
    const open = { saltPolicy: "none" } as const;
    const { folder } = await keep(open);
    writeFileSync(join(folder, "bytes"), "damaged");
    assert.equal((await keep(open)).folder, folder);
    assert.deepEqual(readFileSync(join(folder, "bytes")), bytes);
    await assert.rejects(keep({ ...open, name: "x" }), hasCode("OBJECT_EXISTS"));
    await assert.rejects(keep(open, on.hub), hasCode("OBJECT_EXISTS"));

    const begun = packed(on, on.operator, bytes, declared);
    keepBegun(file, begun);
    assert.deepEqual((await keep()).manifest, begun.manifest);
    assert.ok(!existsSync(`${file}.gridledger-put`));
    const cut = await cutObject(on.chain, openSource(file, "bytes"), declared, undefined);
    assert.notDeepEqual(cut.manifest.root, begun.manifest.root);
  });

  test("what cannot be kept whole is not acknowledged, and leaves nothing behind", async () => {
    const key = soleKey(on.chain, on.operator.signer);
    const breaking = {
      ...openSource(file, "bytes"),
      *pieces() {
        yield bytes.subarray(0, 1_000);
        throw new Fault("FILE_UNREADABLE", "the disk is full");
      },
    };
    const kept = spoolObject({ chain: on.chain, key }, spool, file, breaking, declared);
    await assert.rejects(kept, hasCode("FILE_UNREADABLE"));
    assert.deepEqual(readdirSync(spool), []);
    rmSync(spool, { recursive: true });
    writeFileSync(spool, "a file");
    await assert.rejects(keep(), hasCode("FILE_UNREADABLE"));
  });
});
