import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { ApiClient } from "@gridledger/protocol/api/client";
import { encodeSign1 } from "@gridledger/protocol/cose/sign1";
import { parseHex } from "@gridledger/protocol/hex";
import { kind } from "@gridledger/protocol/ledger/kinds";
import { encodeOriginal, originalOfProof } from "@gridledger/protocol/ledger/original";
import { verifyProof } from "@gridledger/protocol/ledger/proof";
import { signTransaction } from "@gridledger/protocol/ledger/transaction";
import {
  agreedBytes,
  type CorrectedValue,
  decodeContent,
  encodeContent,
  encodeCorrection,
} from "@gridledger/protocol/metering/correction";
import { makeContent } from "../../hub/src/cli/corrections/make-content.ts";
import type { Hub } from "../../hub/src/cli/hub/connect.ts";
import { ChainBuilder, type Key } from "../support/chain-builder.ts";
import { changed, corrected, estimated, read, voided } from "../support/corrections.ts";
import { call } from "./call.ts";
import { type Rig, startRig } from "./rig.ts";

const STEP = 900_000;
const T0 = 1_700_000_100_000 - (1_700_000_100_000 % STEP);
const REGISTER = { obis: "1-0:1.8.0", unit: "Wh", scaler: 0 };
const times = [0, 1, 2, 3, 4].map((slot) => T0 + slot * STEP);
const PERIOD = `from=${times[0]}&to=${times[4]}`;

describe("corrections at the hub", () => {
  const builder = new ChainBuilder();
  const { chain } = builder;
  const [device, second] = builder.devices as [Key, Key];
  let rig: Rig;

  /** The content as a program makes it: of what the hub answers. */
  async function contentOf(values: readonly CorrectedValue[]): Promise<Uint8Array> {
    const { last } = (await call(rig, "/api/v1/meters/M1/corrections")).json;
    const proof = (await call(rig, `/api/v1/meters/M1/readings/${times[0]}/proof`)).json;
    return encodeContent({
      ...{ meter: "M1", number: last.number + 1, previousHash: parseHex(last.contentHash) },
      ...{ sequence: 1, reason: "manual-reading", words: "read on site" },
      registers: [{ ...REGISTER, values }],
      original: encodeOriginal(originalOfProof(chain, proof)),
    });
  }

  function signed(by: Key, encodedContent: Uint8Array, agreeing?: Key): Uint8Array {
    const { suite, chainId } = chain;
    const agreement =
      agreeing &&
      encodeSign1(
        ...([suite, agreeing.signer, parseHex(agreeing.id), chainId] as const),
        agreedBytes(suite.hash(encodedContent)),
      );
    return signTransaction(suite, by.signer, chainId, {
      ...{ kind: kind.correction, validUntilHeight: builder.height + 50 },
      ...{ nonce: new Uint8Array(0), payload: encodeCorrection({ encodedContent, agreement }) },
    });
  }

  async function carry(transaction: Uint8Array): Promise<void> {
    rig.carry(builder.add([transaction], { timeMs: times[4]! + 1_000 + builder.height }));
    await rig.indexed(builder.height);
  }

  const post = (transaction: Uint8Array) =>
    call(rig, "/api/v1/corrections", {
      body: { transaction: Buffer.from(transaction).toString("base64url") },
    });

  before(async () => {
    rig = await startRig(builder);
    await carry(
      builder.batch(device, { meter: "M1", timesMs: times, values: [10, 20, 990, 40, null] }),
    );
  });
  after(() => rig.stop());

  test("are listed with who said them, and readings show what stands beside what was read", async () => {
    const values = [
      changed(times[2]!, read(990), corrected(30)),
      changed(times[4]!, read(null), estimated(50)),
    ];
    await carry(signed(builder.operator, await contentOf(values), second));
    const { json } = await call(rig, "/api/v1/meters/M1/corrections");
    const [one] = json.items;
    assert.deepEqual(
      [one.number, one.senderName, one.agreedByName, one.reason, one.height],
      [1, "operator", "device-2", "manual-reading", 2],
    );
    assert.deepEqual(one.values[0].old, { status: "original", value: 990 });
    assert.deepEqual(one.values[0].new, { status: "corrected", value: 30 });
    const readings = (await call(rig, `/api/v1/meters/M1/readings?${PERIOD}`)).json.items;
    const pairs = readings.map((item: { value: number; correction: { value: number } | null }) => [
      item.value,
      item.correction?.value ?? null,
    ]);
    assert.deepEqual(pairs, [
      ...[
        [10, null],
        [20, null],
        [990, 30],
        [40, null],
        [null, 50],
      ],
    ]);
    assert.equal(readings[2].correction.transaction, one.transaction);
  });

  test("resolve findings, and are named beside them", async () => {
    const { json } = await call(rig, `/api/v1/meters/M1/completeness?${PERIOD}`);
    const found = json.findings.map((one: Record<string, unknown>) => [one.kind, one.state]);
    assert.deepEqual(found, [["backwards", "resolved"]]);
    assert.equal(json.findings[0].correction.number, 1);
    assert.equal(json.corrected.length, 2);
    const values = [
      changed(times[1]!, read(20), voided),
      changed(times[4]!, estimated(50), estimated(39)),
    ];
    await carry(signed(builder.operator, await contentOf(values), second));
    const later = (await call(rig, `/api/v1/meters/M1/completeness?${PERIOD}`)).json;
    assert.deepEqual([later.expected, later.present], [5, 4], "a void reading is none");
    const brought = later.findings.filter(({ state }: { state: string }) => state === "brought");
    assert.deepEqual(
      brought.map((one: Record<string, unknown>) => [one.kind, one.timeMs, one.value]),
      [["backwards", times[4], 39]],
    );
  });

  test("are taken once, whoever signs the same content again", async () => {
    const values = [changed(times[0]!, read(10), corrected(11))];
    const content = await contentOf(values);
    const transaction = signed(device, content);
    const first = await post(transaction);
    assert.deepEqual([first.status, first.json.state, first.json.number], [202, "spooled", 3]);
    assert.equal((await post(transaction)).json.hash, first.json.hash);
    await carry(transaction);
    const again = await post(signed(device, content));
    assert.deepEqual([again.status, again.json.state], [200, "final"]);
    assert.equal(again.json.hash, first.json.hash);
  });

  test("are refused at the door where they cannot be one, with the code", async () => {
    const [batch] = builder.blocks[0]!.transactions;
    assert.equal((await post(batch!)).json.code, "REQUEST_INVALID");
    const encodedContent = await contentOf([changed(times[3]!, read(40), corrected(31))]);
    const broken = Buffer.from(encodedContent);
    broken[1] = 0x60; // an empty name
    const transaction = signed(device, Buffer.concat([broken.subarray(0, 2), broken.subarray(4)]));
    const { status, json } = await post(transaction);
    assert.deepEqual([status, json.code], [400, "CORRECTION_SHAPE"]);
    const stranger = await post(signed(builder.newKey("stranger"), encodedContent));
    assert.equal(stranger.json.code, "SENDER_UNKNOWN");
    const wrongRole = await post(signed(builder.hub, encodedContent));
    assert.equal(wrongRole.json.code, "SENDER_ROLE");
  });

  test("are proven offline with what they correct, and a proof of another batch is noticed", async () => {
    const { items } = (await call(rig, "/api/v1/meters/M1/corrections")).json;
    const { transaction } = items.at(-1);
    const file = (await call(rig, `/api/v1/transactions/${transaction}/proof`)).json;
    const { correction } = verifyProof(chain, file);
    assert.equal(correction?.number, 1);
    assert.deepEqual(correction?.registers[0]?.values[0]?.fresh, {
      status: "corrected",
      value: 30,
    });
    const bundle = await call(rig, `/api/v1/transactions/${transaction}/bundle`);
    assert.equal(bundle.status, 200);
    const foreign = new ChainBuilder();
    assert.throws(() => verifyProof(foreign.chain, file), { code: "CHAIN_MISMATCH" });
  });

  test("are made by the command line of what stands, in the register's own steps", async () => {
    const client = new ApiClient({ baseUrl: "http://localhost", fetch: rig.app.request as never });
    const hub: Hub = {
      url: "http://localhost",
      call: (name, input) => client.call(name, input),
      request: (name, input) => client.request(name, input),
    };
    const wanted = {
      ...{ meter: "M1", timeMs: times[2]!, obis: REGISTER.obis, status: "corrected" as const },
      ...{ decimal: "31", reason: "manual-reading" as const, words: "read on site" },
    };
    const content = decodeContent(await makeContent(chain, hub, wanted));
    assert.deepEqual([content.number, content.sequence], [4, 1]);
    assert.deepEqual(content.registers, [
      { ...REGISTER, values: [changed(times[2]!, corrected(30), corrected(31))] },
    ]);
    const between = makeContent(chain, hub, { ...wanted, decimal: "31.5" });
    await assert.rejects(between, { code: "CORRECTION_VALUE" });
    const nowhere = makeContent(chain, hub, { ...wanted, timeMs: times[2]! + 1 });
    await assert.rejects(nowhere, { code: "NOT_FOUND" });
  });
});
