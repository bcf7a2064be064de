import assert from "node:assert/strict";
import { test } from "node:test";
import { Fault } from "@gridledger/protocol/faults";
import { decodeTransaction } from "@gridledger/protocol/ledger/transaction";
import { decodeReadingBatch } from "@gridledger/protocol/metering/reading-batch";
import type { Hub } from "../../hub/src/cli/hub/connect.ts";
import { readKeyFile } from "../../hub/src/cli/key-file.ts";
import { homeAt } from "../../hub/src/cli/network/home.ts";
import { provision } from "../../hub/src/cli/network/provision.ts";
import { formatScaled } from "../../hub/src/cli/output.ts";
import { findAlreadyFinal } from "../../hub/src/cli/submit/already-final.ts";
import { decimalColumn } from "../../hub/src/cli/submit/decimal-column.ts";
import { parseReadingsCsv, parseReadingsJson } from "../../hub/src/cli/submit/readings-file.ts";
import { signBatches } from "../../hub/src/cli/submit/sign-batches.ts";
import { soleKey } from "../support/sole-key.ts";
import { temporaryDirectory } from "./temporary-directory.ts";

const csv = `time,1-0:1.8.0 kWh,1-0:32.7.0 V
2026-11-21T10:00:00Z,12345.678,230.1
2026-11-21T10:15:00+01:00,12345.7,
`;

test("decimals become integers exactly, prefixes go into the scaler", () => {
  assert.deepEqual(decimalColumn("1-0:1.8.0", "kWh", ["12345.678", "12345.7"]), {
    obis: "1-0:1.8.0",
    unit: "Wh",
    scaler: 0,
    values: [12_345_678, 12_345_700],
  });
  assert.equal(decimalColumn("1-0:1.8.0", "kWh", ["7"]).scaler, 3);
  assert.deepEqual(decimalColumn("1-0:32.7.0", "V", ["-0.5", ""]).values, [-5, null]);
});

test("what is no decimal, no unit or too long is refused", () => {
  for (const [unit, text] of [
    ["kWh", "1e3"],
    ["kWh", "0x10"],
    ["furlong", "1"],
    ["Wh", "99999999999999999999"],
    ["Wh", "1.2.3"],
  ] as const) {
    assert.throws(
      () => decimalColumn("1-0:1.8.0", unit, [text]),
      (thrown) => thrown instanceof Fault && thrown.code === "BATCH_SHAPE",
      `${unit} ${text}`,
    );
  }
});

test("a CSV of readings is read by its header", () => {
  const readings = parseReadingsCsv(csv, "E1");
  assert.deepEqual(readings.timesMs, [
    Date.parse("2026-11-21T10:00:00Z"),
    Date.parse("2026-11-21T09:15:00Z"),
  ]);
  assert.deepEqual(
    readings.registers.map(({ obis, unit, scaler, values }) => [obis, unit, scaler, values]),
    [
      ["1-0:1.8.0", "Wh", 0, [12_345_678, 12_345_700]],
      ["1-0:32.7.0", "V", -1, [2_301, null]],
    ],
  );
});

test("a CSV is refused with the line that is wrong", () => {
  assert.throws(() => parseReadingsCsv("when,1-0:1.8.0 Wh\n", "E1"), /line 1/);
  assert.throws(() => parseReadingsCsv("time,1-0:1.8.0 Wh\n1,2,3\n", "E1"), /line 2/);
  assert.throws(() => parseReadingsCsv("time,1-0:1.8.0 Wh\nyesterday,2\n", "E1"), /line 2/);
  assert.throws(() => parseReadingsCsv("time,1-0:1.8.0 Wh\n2026-11-21 10:00,2\n", "E1"), /offset/);
  assert.throws(() => parseReadingsCsv(csv, undefined), /--meter/);
});

test("JSON readings need the API's shape", () => {
  const column = { obis: "1-0:1.8.0", unit: "Wh", scaler: 0, values: [1] };
  const text = JSON.stringify({ meter: "E1", timesMs: [1], registers: [column] });
  assert.equal(parseReadingsJson(text, undefined).meter, "E1");
  assert.equal(parseReadingsJson(text, "E2").meter, "E2");
  const kilo = text.replace('"Wh"', '"kWh"');
  assert.deepEqual(parseReadingsJson(kilo, "E1").registers, [{ ...column, scaler: 3 }]);
  assert.throws(() => parseReadingsJson('{"meter":"E1"}', undefined), /timesMs/);
  assert.throws(() => parseReadingsJson("{", undefined), /not JSON/);
});

test("many readings become batches that follow one another", async (context) => {
  const home = homeAt(temporaryDirectory(context));
  const { chain } = provision(home, {
    host: "127.0.0.1",
    httpPort: 1,
    mqttPort: 1,
    suitePackages: [],
    validators: 1,
    suite: "international",
    engine: "poa" as const,
    seats: 7,
    tls: false,
    mqttsPort: 8883,
  });
  const signer = await readKeyFile(chain.suite, home.key("bridge"));
  const timesMs = Array.from({ length: 1_300 }, (_, i) => i * 1_000);
  const registers = [{ obis: "1-0:1.8.0", unit: "Wh", scaler: 0, values: timesMs }];
  const last = { sequence: 4, payloadHash: new Uint8Array(32).fill(7) };
  const signed = signBatches({ chain, key: soleKey(chain, signer), validUntilHeight: 500 }, last, {
    meter: "E1",
    timesMs,
    registers,
  });
  let payloadHash: Uint8Array = last.payloadHash;
  for (const [i, encoded] of signed.entries()) {
    const { payload } = decodeTransaction(chain.suite, encoded);
    const batch = decodeReadingBatch(payload);
    assert.equal(batch.sequence, 5 + i);
    assert.deepEqual(Buffer.from(batch.previousHash), Buffer.from(payloadHash));
    payloadHash = chain.suite.hash(payload);
  }
  assert.equal(signed.length, 3);
});

test("readings that are all final are found, whatever their prefix", async () => {
  const readings = parseReadingsCsv("time,1-0:1.8.0 kWh\n1000,12.5\n", "E1");
  const item = {
    timeMs: 1_000,
    obis: "1-0:1.8.0",
    unit: "Wh",
    sequence: 1,
    height: 7,
    txHash: "aa",
  };
  const hubWith = (value: number) =>
    ({
      url: "",
      call: async () => ({ items: [{ ...item, value, scaler: 0 }], next: null }),
    }) as unknown as Hub;
  assert.deepEqual(await findAlreadyFinal(hubWith(12_500), readings), [
    { hash: "aa", state: "final", height: 7 },
  ]);
  assert.equal(await findAlreadyFinal(hubWith(12_501), readings), undefined);
});

test("scaled values print as exact decimals", () => {
  assert.equal(formatScaled(12_345, -3), "12.345");
  assert.equal(formatScaled(-5, -1), "-0.5");
  assert.equal(formatScaled(7, 3), "7000");
  assert.equal(formatScaled(0, 3), "0");
  assert.equal(formatScaled(null, 0), "–");
});
