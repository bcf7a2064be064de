import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Fault } from "@gridledger/protocol/faults";
import { readoutsOf } from "../../firmware-bridge/src/frames/dsmr/readouts.ts";
import { sevenBits } from "../../firmware-bridge/src/frames/dsmr/seven-bits.ts";
import { parseTelegram } from "../../firmware-bridge/src/frames/dsmr/telegram.ts";
import { TelegramSplitter } from "../../firmware-bridge/src/frames/dsmr/telegram-splitter.ts";
import type { Readout } from "../../firmware-bridge/src/metering/readout.ts";
import { checkReadout } from "../../firmware-bridge/src/metering/readout-check.ts";
import { telegramCapture, withChecksum } from "./captures.ts";

const receivedMs = Date.UTC(2026, 10, 21);

function readAll(bytes: Uint8Array): Readout[] {
  const splitter = new TelegramSplitter();
  return [...splitter.push(bytes), ...splitter.end()].flatMap((found) => {
    assert.ok(found instanceof Uint8Array, String(found));
    const readouts = readoutsOf(parseTelegram(found), { receivedMs, winterOffsetMinutes: 60 });
    for (const readout of readouts) checkReadout(readout, undefined, 0);
    return readouts;
  });
}

function value(readout: Readout | undefined, obis: string): string | undefined {
  const register = readout?.registers.find((known) => known.obis === obis);
  return register && `${register.value}e${register.scaler} ${register.unit}`;
}

/** Capture, meter, its time, number of registers, and some of them as printed on the meter. */
const meters: [string, string, string | null, number, Record<string, string>][] = [
  [
    "aidon_se",
    "ADN9_6534",
    "2024-01-08T15:49:40Z",
    26,
    { "1-0:1.8.0": "10117368e0 Wh", "1-0:3.8.0": "1759974e0 varh", "1-0:71.7.0": "69e-1 A" },
  ],
  ["aidon_se_2", "ADN9_6534", "2024-02-17T16:40:50Z", 26, { "1-0:44.7.0": "184e0 var" }],
  ["landis_e360_se", "LGF5E360", "2022-03-30T21:06:00Z", 26, { "1-0:2.8.0": "1044196e0 Wh" }],
  ["landis_e360_se_2", "LGF5E360", "2021-02-22T15:19:00Z", 26, { "1-0:42.7.0": "71e0 W" }],
  ["landis_e360_se_3", "LGF5E360", "2022-11-05T13:02:50Z", 26, { "1-0:1.7.0": "235e0 W" }],
  ["landis_e360_se_4", "LGF5E360", "2024-10-15T19:15:10Z", 26, { "1-0:51.7.0": "27e-1 A" }],
  [
    "ellevio_se",
    "ELL5\\253833635_A",
    "2021-02-17T17:40:19Z",
    26,
    { "1-0:4.8.0": "1020971e0 varh" },
  ],
  [
    "smarty_lu",
    "SAG1030700012701",
    "2026-04-03T15:54:31Z",
    39,
    { "1-0:10.7.0": "913e0 VA", "0-0:17.0.0": "276e2 VA", "0-1:96.3.10": "0e0 " },
  ],
  [
    "sagemcom_lu_2",
    "SAG1030700026568",
    "2023-03-15T14:53:42Z",
    39,
    { "1-0:2.8.0": "55437011e0 Wh" },
  ],
  [
    "sanxing_hu",
    "9903218166",
    "2023-08-17T15:14:30Z",
    39,
    {
      "1-0:1.8.4": "0e0 Wh",
      "1-0:8.8.0": "252564e0 varh",
      "1-0:13.7.0": "336e-3 ",
      "1-0:73.7.0": "845e-3 ",
      "1-0:14.7.0": "4999e-2 Hz",
    },
  ],
  [
    "fluvius_50217",
    "1SAG3105200877",
    "2023-06-29T08:22:48Z",
    24,
    { "1-0:1.6.0": "6235e0 W", "1-0:31.7.0": "209e-2 A" },
  ],
  [
    "iskra_am550_v5",
    "E0034006824910117",
    "2017-05-31T18:14:44Z",
    27,
    { "1-0:1.8.2": "2564e0 Wh", "0-0:96.7.9": "2e0 " },
  ],
  [
    "iskra_mt382_v4",
    "K8EG004046395507",
    "2010-12-09T10:30:20Z",
    16,
    { "0-0:17.0.0": "161e2 W", "1-0:52.36.0": "3e0 " },
  ],
  ["kaifa_v42", "E0123456789", "2020-04-10T08:24:33Z", 14, { "1-0:1.8.1": "3000497e0 Wh" }],
  [
    "ebz_dd3_de",
    "1EBZ0102861889",
    null,
    6,
    { "1-0:1.8.0": "271412830185e-5 Wh", "1-0:76.7.0": "3798e-2 W" },
  ],
  ["kamstrup_v3", "KA6U001550832711", null, 9, { "1-0:1.7.0": "30e1 W", "0-0:17.0.0": "999e0 A" }],
  ["iskra_v3_three", "ZBEV005106844912", null, 9, { "1-0:1.8.2": "19412712e0 Wh" }],
];

/** Sub-meters: capture, name, time, value. */
const subMeters: [string, string, string, string, string][] = [
  ["smarty_lu", "FLO182370120350", "2026-04-03T15:45:42Z", "0-1:24.2.1", "14239771e-3 m3"],
  ["iskra_am550_v5", "G0032565509904117", "2017-05-31T18:10:08Z", "0-1:24.2.1", "38e-3 m3"],
  ["iskra_mt382_v4", "2222ABCD123456789", "2010-12-09T10:00:00Z", "0-1:24.2.1", "12785123e-3 m3"],
  ["kaifa_v42", "E0123456789:mbus2", "2020-04-10T08:00:00Z", "0-2:24.2.1", "2000671e-3 m3"],
  ["kamstrup_v3", "28009001107509511", "2015-01-16T20:00:00Z", "0-1:24.2.1", "1812355e-3 m3"],
  ["iskra_v3_three", "28011008306429013", "2021-11-23T19:00:00Z", "0-2:24.2.1", "13376292e-3 m3"],
];

describe("P1 telegrams from public sources", () => {
  for (const [name, meter, time, count, registers] of meters) {
    it(`${name}: meter ${meter} with ${count} registers`, () => {
      const [readout] = readAll(telegramCapture(name));
      assert.equal(readout?.meter, meter);
      assert.equal(readout?.atMs, time === null ? receivedMs : Date.parse(time));
      assert.equal(readout?.registers.length, count);
      for (const [obis, text] of Object.entries(registers)) {
        assert.equal(value(readout, obis), text, obis);
      }
    });
  }

  for (const [name, meter, time, obis, text] of subMeters) {
    it(`${name}: sub-meter ${meter}`, () => {
      const [, sub] = readAll(telegramCapture(name));
      assert.equal(sub?.meter, meter);
      assert.equal(sub?.atMs, Date.parse(time));
      assert.equal(sub?.registers.length, 1);
      assert.equal(value(sub, obis), text);
    });
  }

  it("three telegrams back to back are three readouts of both meters", () => {
    const readouts = readAll(telegramCapture("iskra_v3_three"));
    assert.deepEqual(
      readouts.map((readout) => value(readout, "1-0:1.8.2")),
      ["19412712e0 Wh", undefined, "19412713e0 Wh", undefined, "19412715e0 Wh", undefined],
    );
  });

  it("any of them with LF endings, which the CRC does not cover, says the same", () => {
    for (const [name] of meters) {
      const capture = telegramCapture(name);
      const bare = Buffer.from(capture.toString("latin1").replaceAll("\r\n", "\n"), "latin1");
      assert.deepEqual(readAll(bare), readAll(capture), name);
    }
  });

  it("with LF endings a changed digit is still refused", () => {
    const text = telegramCapture("smarty_lu").toString("latin1").replaceAll("\r\n", "\n");
    const damaged = Buffer.from(text.replace("273.764", "273.765"), "latin1");
    assert.throws(() => readAll(damaged), { code: "P1_CHECKSUM" });
  });

  it("a CRC in small letters counts", () => {
    const text = telegramCapture("kaifa_v42").toString("latin1").replace("!DE3E", "!de3e");
    assert.equal(readAll(Buffer.from(text, "latin1")).length, 2);
  });
});

describe("what meters really send", () => {
  const body = (lines: string[]) =>
    withChecksum(`/WSE5Wasion--Meter---\r\n\r\n${lines.join("\r\n")}\r\n!`);

  it("states in words are left out, limits in W are not (Wasion, Hungary)", () => {
    const [readout] = readAll(
      body([
        "0-0:42.0.0(WSE1012403352978)",
        "0-0:96.14.0(TARIFF 1)",
        "0-0:96.3.10(ON)",
        "0-0:17.0.0(24000*W)",
      ]),
    );
    assert.equal(readout?.meter, "WSE1012403352978");
    assert.deepEqual(
      readout?.registers.map(({ obis }) => obis),
      ["0-0:17.0.0"],
    );
  });

  it("with a valid CRC a line that cannot be read costs that line only, and that is said", () => {
    const [readout] = readAll(
      body(["1-0:1.8.0(000001.000*kWh)", "0-0:96.13.0(3031", "3233)", "1-0:2.8.0(000002.000*kWh)"]),
    );
    assert.equal(readout?.registers.length, 2);
    assert.ok(readout?.flags.includes("registers-left-out"));
  });

  it("two sub-meters of one number are two meters", () => {
    const sub = (channel: number, m3: string) => [
      `0-${channel}:24.1.0(003)`,
      `0-${channel}:96.1.1(012345678901234567890123456789)`,
      `0-${channel}:24.2.3(230119124616W)(${m3}*m3)`,
    ];
    const id = "0-0:96.1.1(012345678901234567890123456789)";
    const names = readAll(
      body([id, "1-0:1.8.1(1.0*kWh)", ...sub(1, "00734.607"), ...sub(2, "00000.000")]),
    ).map(({ meter }) => meter);
    assert.deepEqual(names, [
      "012345678901234567890123456789",
      "012345678901234567890123456789:mbus1",
      "012345678901234567890123456789:mbus2",
    ]);
  });

  it("a serial number is read without its padding", () => {
    const nameOf = (line: string) => readAll(body([line, "1-0:1.8.0(1.0*kWh)"]))[0]?.meter;
    assert.equal(nameOf("0-0:96.1.1(4530303433300000000000000000)"), "E00430");
    assert.equal(nameOf("0-0:96.1.1(204B413655303031353520)"), "KA6U00155");
    assert.equal(nameOf("0-0:96.1.1(FFFFFFFFFFFF)"), "FFFFFFFFFFFF");
    assert.equal(nameOf("C.1.0(54800102)"), "54800102");
  });
});

describe("a 7E1 line received as 8 bits", () => {
  const withParity = (bytes: Uint8Array) =>
    bytes.map((byte) => (byte.toString(2).replaceAll("0", "").length % 2 ? byte | 0x80 : byte));

  it("is read once the parity is taken off", () => {
    const capture = telegramCapture("kamstrup_v3");
    assert.deepEqual(Buffer.from(sevenBits(withParity(capture))), capture);
  });

  it("one changed bit is refused, though the telegram has no CRC", () => {
    const bytes = withParity(telegramCapture("kamstrup_v3"));
    bytes[bytes.length >> 1]! ^= 1;
    assert.throws(
      () => readAll(sevenBits(bytes)),
      (fault: Fault) => fault.code === "P1_TELEGRAM",
    );
  });
});
