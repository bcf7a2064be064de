import assert from "node:assert/strict";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, test } from "node:test";
import { ApiClient } from "@gridledger/protocol/api/client";
import type { Hub } from "../../hub/src/cli/hub/connect.ts";
import { compareFile } from "../../hub/src/cli/objects/compare.ts";
import { downloadObject } from "../../hub/src/cli/objects/download.ts";
import { openSource } from "../../hub/src/cli/objects/object-source.ts";
import { fetchCheckable } from "../../hub/src/cli/objects/proven-object.ts";
import { putObject } from "../../hub/src/cli/objects/put-object.ts";
import { type Rig, startRig } from "../hub/rig.ts";
import { ChainBuilder } from "../support/chain-builder.ts";
import { soleKey } from "../support/sole-key.ts";
import { bytes, declared, makeLoadFile } from "./load-file.ts";
import { heard } from "./put.ts";

describe("the commands for objects", () => {
  const builder = () => new ChainBuilder();
  let rig: Rig | undefined;
  let directory = "";
  let file = "";

  beforeEach(() => {
    ({ directory, file } = makeLoadFile());
  });
  afterEach(async () => {
    await rig?.stop();
    rig = undefined;
    rmSync(directory, { recursive: true, force: true });
  });

  /** The hub without a socket; `sent` counts chunks, and the line breaks in the middle of the one after `lasts`. */
  function hubOf(lasts = Number.POSITIVE_INFINITY) {
    const sent = { chunks: 0 };
    const client = new ApiClient({
      baseUrl: "http://localhost",
      fetch: async (input, init) => {
        if (init?.method !== "PUT") return rig!.app.request(String(input), init);
        const whole = init.body as Uint8Array<ArrayBuffer>;
        sent.chunks += Math.ceil(whole.length / declared.chunkBytes);
        if (sent.chunks <= lasts) return rig!.app.request(String(input), init);
        const body = whole.subarray(0, (lasts + 0.5) * declared.chunkBytes);
        await rig!.app.request(String(input), { ...init, body });
        throw new TypeError("cut off");
      },
    });
    const hub: Hub = {
      url: "http://localhost",
      call: (name, input) => client.call(name, input),
      request: (name, input) => client.request(name, input),
    };
    return { hub, sent };
  }

  async function put(on: ChainBuilder, hub: Hub) {
    const deps = { hub, chain: on.chain, key: soleKey(on.chain, on.operator.signer) };
    return putObject(deps, file, openSource(file, "bytes"), declared, 0);
  }

  async function final(on: ChainBuilder) {
    const answer = await put(on, hubOf().hub);
    const { transaction } = (await rig!.objects.desk.find(Buffer.from(answer.root, "hex")))!
      .payload;
    rig!.carry(on.add([transaction]));
    await rig!.indexed(on.height);
    heard(rig!, on);
    return fetchCheckable(hubOf().hub, answer.root, undefined);
  }

  test("an upload that was cut off goes on with the same root, and sends what is missing", async () => {
    const on = builder();
    rig = await startRig(on);
    const broken = hubOf(2);
    await assert.rejects(put(on, broken.hub), TypeError);
    assert.ok(existsSync(`${file}.gridledger-put`));
    const again = hubOf();
    const { state } = await put(on, again.hub);
    assert.equal(state, "spooled");
    assert.equal(again.sent.chunks, 3);
    assert.ok(!existsSync(`${file}.gridledger-put`));
  });

  test("a file that was changed after the cut is another object", async () => {
    const on = builder();
    rig = await startRig(on);
    await assert.rejects(put(on, hubOf(2).hub), TypeError);
    writeFileSync(file, bytes.subarray(1));
    const again = hubOf();
    await put(on, again.hub);
    assert.equal(again.sent.chunks, 5);
  });

  test("a download keeps what is there and right, and fetches the rest", async () => {
    const on = builder();
    rig = await startRig(on);
    const object = await final(on);
    const out = join(directory, "back.csv");
    const half = Buffer.from(bytes.subarray(0, 3_000));
    half[1_500]! ^= 1;
    writeFileSync(`${out}.part`, half);
    assert.equal(await downloadObject(hubOf().hub, object, out), 5_000);
    assert.deepEqual(readFileSync(out), bytes);
    assert.ok(!existsSync(`${out}.part`));
  });

  test("verify says which bytes are wrong", async () => {
    const on = builder();
    rig = await startRig(on);
    const object = await final(on);
    assert.equal(await compareFile(object, file), undefined);
    const wrong = Buffer.from(bytes);
    wrong[2_100]! ^= 1;
    wrong[3_100]! ^= 1;
    writeFileSync(file, wrong);
    assert.deepEqual(await compareFile(object, file), {
      ...{ sizeBytes: 5_000, expectedBytes: 5_000 },
      spans: [{ from: 2_048, to: 4_096 }],
    });
    writeFileSync(file, bytes.subarray(0, 1_024));
    const short = await compareFile(object, file);
    assert.deepEqual(short?.spans, [{ from: 1_024, to: 5_000 }]);
  });
});
