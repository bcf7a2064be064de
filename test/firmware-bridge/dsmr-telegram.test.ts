import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Fault } from "@gridledger/protocol/faults";
import fc from "fast-check";
import { readoutsOf } from "../../firmware-bridge/src/frames/dsmr/readouts.ts";
import { parseTelegram } from "../../firmware-bridge/src/frames/dsmr/telegram.ts";
import {
  MAX_TELEGRAM_BYTES,
  TelegramSplitter,
} from "../../firmware-bridge/src/frames/dsmr/telegram-splitter.ts";
import {
  formatTimestamp,
  parseTimestamp,
} from "../../firmware-bridge/src/frames/dsmr/timestamp.ts";
import { telegramCapture, withChecksum } from "./captures.ts";

const receivedMs = Date.UTC(2026, 10, 21);
const captures = ["v2_2", "v3", "v4_2", "v5", "fluvius_v171", "iskra_ie"] as const;

function split(bytes: Uint8Array): (Uint8Array | Fault)[] {
  return new TelegramSplitter().push(bytes);
}

function read(bytes: Uint8Array, winterOffsetMinutes = 60) {
  const [telegram] = split(bytes);
  assert.ok(telegram instanceof Uint8Array, String(telegram));
  return readoutsOf(parseTelegram(telegram), { receivedMs, winterOffsetMinutes });
}

/** `obis → value in the unit`, as a person reads it. */
function values(readout: ReturnType<typeof read>[number] | undefined): Record<string, string> {
  const entries = readout?.registers.map(({ obis, value, scaler, unit }) => [
    obis,
    `${value}e${scaler} ${unit}`,
  ]);
  return Object.fromEntries(entries ?? []);
}

describe("P1 telegrams of real meters", () => {
  it("a DSMR 5 meter: its own time, serial, energies, and the gas meter apart", () => {
    const [electricity, gas, ...rest] = read(telegramCapture("v5"));
    assert.equal(rest.length, 0);
    assert.equal(electricity?.meter, "K8EG004046395507");
    assert.equal(electricity?.atMs, Date.UTC(2017, 0, 2, 18, 20, 2));
    assert.deepEqual(electricity?.flags, []);
    const read5 = values(electricity);
    assert.equal(read5["1-0:1.8.1"], "4426e0 Wh");
    assert.equal(read5["1-0:1.7.0"], "244e0 W");
    assert.equal(read5["1-0:32.7.0"], "2300e-1 V");
    assert.equal(read5["1-0:71.7.0"], "86e-2 A");
    assert.equal(read5["0-0:96.14.0"], "2e0 ");
    assert.equal(read5["0-0:96.7.21"], "13e0 ");
    assert.equal(read5["1-3:0.2.8"], undefined);
    assert.equal(gas?.meter, "2222ABCD123456789");
    assert.equal(gas?.atMs, Date.UTC(2017, 0, 2, 15, 10, 5));
    assert.deepEqual(values(gas), { "0-1:24.2.1": "107e-3 m3" });
  });

  it("a DSMR 4.2 meter whose serial is not text keeps it as digits", () => {
    const [electricity, gas] = read(telegramCapture("v4_2"));
    assert.equal(electricity?.meter, "3960221976967177082151037881335713");
    assert.equal(electricity?.atMs, Date.UTC(2016, 10, 13, 19, 57, 57));
    assert.equal(values(electricity)["1-0:1.8.2"], "1435706e0 Wh");
    assert.equal(gas?.meter, "4819243993373755377509728609491464");
    assert.equal(values(gas)["0-1:24.2.1"], "981443e-3 m3");
  });

  it("a DSMR 3 meter: no time of its own, no CRC, the gas value on the next line", () => {
    const [electricity, gas] = read(telegramCapture("v3"));
    assert.equal(electricity?.atMs, receivedMs);
    assert.deepEqual(electricity?.flags, ["no-meter-clock"]);
    assert.equal(values(electricity)["1-0:1.8.1"], "12345678e0 Wh");
    assert.equal(values(electricity)["0-0:17.0.0"], "16e0 A");
    assert.equal(gas?.meter, "2222ABCD123456789");
    assert.equal(gas?.atMs, Date.UTC(2009, 1, 12, 15, 0, 0));
    assert.deepEqual(values(gas), { "0-1:24.2.1": "1001e-3 m3" });
  });

  it("a DSMR 2.2 meter without serial is named by its model line, and that is said", () => {
    const [electricity, gas] = read(telegramCapture("v2_2"));
    assert.equal(electricity?.meter, "ISk5\\2MT382-1004");
    assert.deepEqual(electricity?.flags, ["weak-meter-id", "no-meter-clock"]);
    assert.equal(values(electricity)["1-0:1.7.0"], "101e1 W");
    assert.equal(gas?.meter, "ISk5\\2MT382-1004:mbus1");
    assert.deepEqual(gas?.flags, ["weak-meter-id"]);
  });

  it("a Belgian meter: peak demand, gas and water, history left alone", () => {
    const [electricity, gas, water] = read(telegramCapture("fluvius_v171"));
    assert.equal(electricity?.meter, "1SAG3101021605");
    assert.equal(electricity?.atMs, Date.UTC(2020, 4, 12, 11, 54, 9));
    assert.equal(values(electricity)["1-0:1.6.0"], "2589e0 W");
    assert.equal(values(electricity)["0-0:98.1.0"], undefined);
    assert.equal(gas?.meter, "7FLO2119033733");
    assert.deepEqual(values(gas), { "0-1:24.2.3": "112384e-3 m3" });
    assert.equal(water?.meter, "8SAG1234567890");
    assert.deepEqual(values(water), { "0-2:24.2.1": "872234e-3 m3" });
  });

  it("an Irish meter: the zero serial is passed over, local time by the given offset", () => {
    const [electricity, ...rest] = read(telegramCapture("iskra_ie"), 0);
    assert.equal(electricity?.meter, "09610");
    assert.equal(electricity?.atMs, Date.UTC(2023, 1, 2, 12, 27, 47));
    assert.equal(values(electricity)["1-0:61.7.0"], "617e0 W");
    assert.equal(rest.length, 0);
  });
});

describe("P1 telegrams by rule", () => {
  const body = (lines: string[]) =>
    withChecksum(`/ELL5\\253833635_A\r\n\r\n${lines.join("\r\n")}\r\n!`);

  it("reactive registers, totals and a missing serial (Sweden, Luxembourg)", () => {
    const [readout] = read(
      body([
        "0-0:1.0.0(210217184019W)",
        "1-0:1.8.0(00006678.394*kWh)",
        "1-0:3.8.0(00000021.988*kvarh)",
        "1-0:4.7.0(0000.286*kVAr)",
        "0-0:42.0.0(53414731303330373030303034303737)",
        "1-0:14.7.0(50.01*Hz)",
      ]),
    );
    assert.equal(readout?.meter, "SAG1030700004077");
    assert.deepEqual(values(readout), {
      "1-0:1.8.0": "6678394e0 Wh",
      "1-0:3.8.0": "21988e0 varh",
      "1-0:4.7.0": "286e0 var",
      "1-0:14.7.0": "5001e-2 Hz",
    });
  });

  it("reduced OBIS ids, history groups and negative values", () => {
    const [readout] = read(
      body(["0.9.1(120000)", "1.8.0*01(000123.4*kWh)", "16.7.0(-00.250*kW)", "F.F(00)"]),
    );
    assert.deepEqual(values(readout), {
      "1-0:1.8.0*1": "1234e2 Wh",
      "1-0:16.7.0": "-250e0 W",
    });
  });

  it("a heat meter in GJ and an electricity sub-meter are devices of their own", () => {
    const readouts = read(
      body([
        "0-0:96.1.1(4B384547303034303436333935353037)",
        "0-3:24.1.0(012)",
        "0-3:96.1.0(3232323241424344313233343536373839)",
        "0-3:24.2.1(230102161005W)(00012.345*GJ)",
        "0-4:24.1.0(002)",
        "0-4:24.2.1(230102161005W)(00001.500*kWh)",
        "0-2:96.3.10(1)",
      ]),
    );
    assert.deepEqual(
      readouts.map((readout) => [readout.meter, values(readout)]),
      [
        ["K8EG004046395507", { "0-2:96.3.10": "1e0 " }],
        ["2222ABCD123456789", { "0-3:24.2.1": "12345e6 J" }],
        ["K8EG004046395507:mbus4", { "0-4:24.2.1": "1500e0 Wh" }],
      ].filter(([meter]) => meter !== ""),
    );
  });

  it("a sub-meter that never reported gives no reading", () => {
    const readouts = read(
      body(["1-0:1.8.0(1.0*kWh)", "0-1:24.1.0(003)", "0-1:24.2.1(632525252525W)(00000.000)"]),
    );
    assert.equal(readouts.length, 1);
  });

  it("an impossible meter time is replaced by the time of receipt, and that is said", () => {
    const [readout] = read(body(["0-0:1.0.0(210231184019W)", "1-0:1.8.0(1.0*kWh)"]));
    assert.equal(readout?.atMs, receivedMs);
    assert.ok(readout?.flags.includes("clock-invalid"));
  });

  it("summer and winter letters decide in the hour that comes twice", () => {
    assert.equal(parseTimestamp("231029023000S", 60), Date.UTC(2023, 9, 29, 0, 30));
    assert.equal(parseTimestamp("231029023000W", 60), Date.UTC(2023, 9, 29, 1, 30));
    assert.equal(parseTimestamp("230701120000", 60), Date.UTC(2023, 6, 1, 10));
    assert.equal(parseTimestamp("230101120000", 60), Date.UTC(2023, 0, 1, 11));
  });

  it("every moment written as a timestamp is read back", () => {
    fc.assert(
      fc.property(fc.integer({ min: 946_684_800, max: 4_000_000_000 }), (second) => {
        assert.equal(parseTimestamp(formatTimestamp(second * 1_000, 60), 60), second * 1_000);
      }),
    );
  });
});

describe("refusals", () => {
  const refuses = (bytes: Uint8Array, code: string) => {
    const [found] = split(bytes);
    assert.ok(found instanceof Uint8Array);
    assert.throws(() => parseTelegram(found), { code });
  };

  it("one changed bit is refused by the CRC", () => {
    const bytes = telegramCapture("v5");
    bytes[bytes.indexOf("004.426")]! ^= 1;
    refuses(bytes, "P1_CHECKSUM");
  });

  it("a version that must carry a CRC is refused without one", () => {
    refuses(
      Buffer.from(telegramCapture("v5").toString("latin1").replace("!6EEE", "!")),
      "P1_CHECKSUM",
    );
  });

  it("a line that is not id(value) is refused", () => {
    refuses(Buffer.from("/ABC5x\r\n\r\n1-0:1.8.1(1.0*kWh\r\n!\r\n"), "P1_TELEGRAM");
    refuses(Buffer.from("/ABC5x\r\n\r\n(1.0)\r\n!\r\n"), "P1_TELEGRAM");
    refuses(Buffer.from("/ABC5x\r\n\r\n1-0:1.8.1(1.0*kWh!\r\n"), "P1_TELEGRAM");
  });

  it("a telegram cut off by the next one is a fault, and the next one stands", () => {
    const whole = telegramCapture("v5");
    for (const cut of [1, 5, 17, 300, whole.length - 8, whole.length - 3]) {
      const found = split(Buffer.concat([whole.subarray(0, cut), whole]));
      assert.equal(found.length, 2, `cut at ${cut}`);
      assert.ok(found[0] instanceof Fault);
      assert.deepEqual(found[1], new Uint8Array(whole.subarray(0, -2)));
    }
  });

  it("a telegram without an end is dropped at its limit and the next one is found", () => {
    const endless = Buffer.concat([Buffer.from("/"), Buffer.alloc(MAX_TELEGRAM_BYTES * 3, "a")]);
    const found = split(Buffer.concat([endless, telegramCapture("v4_2")]));
    assert.equal((found[0] as Fault).code, "P1_TOO_LONG");
    assert.ok(found[1] instanceof Uint8Array);
    assert.equal(found.length, 2);
  });

  it("a stream of slashes makes a handful of faults, not one each", () => {
    assert.ok(split(Buffer.alloc(100_000, "/")).length <= 16);
  });
});

describe("the telegram splitter", () => {
  it("gives the same telegrams wherever the chunks end", () => {
    for (const name of captures) {
      const bytes = telegramCapture(name);
      const [whole] = split(bytes);
      for (let at = 0; at <= bytes.length; at++) {
        const splitter = new TelegramSplitter();
        const found = [
          ...splitter.push(bytes.subarray(0, at)),
          ...splitter.push(bytes.subarray(at)),
        ];
        assert.deepEqual(found, [whole], `${name} at ${at}`);
      }
    }
  });

  it("finds a telegram behind any rubbish", () => {
    const telegram = telegramCapture("v5");
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 400 }),
        fc.integer({ min: 1, max: 64 }),
        (junk, size) => {
          const splitter = new TelegramSplitter();
          const stream = Buffer.concat([junk, telegram]);
          const found: (Uint8Array | Fault)[] = [];
          for (let at = 0; at < stream.length; at += size) {
            found.push(...splitter.push(stream.subarray(at, at + size)));
          }
          const last = found.at(-1);
          assert.ok(last instanceof Uint8Array);
          assert.equal(
            readoutsOf(parseTelegram(last), { receivedMs, winterOffsetMinutes: 60 }).length,
            2,
          );
        },
      ),
    );
  });

  it("a damaged telegram is refused or read, and nothing but a Fault is thrown", () => {
    const edit = fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 }));
    fc.assert(
      fc.property(
        fc.constantFrom(...captures),
        fc.array(edit, { minLength: 1, maxLength: 8 }),
        (name, edits) => {
          const bytes = telegramCapture(name);
          for (const [at, value] of edits) bytes[at % bytes.length] = value;
          const splitter = new TelegramSplitter();
          for (const found of [...splitter.push(bytes), ...splitter.end()]) {
            if (found instanceof Fault) continue;
            try {
              const telegram = parseTelegram(found);
              for (const { registers } of readoutsOf(telegram, {
                receivedMs,
                winterOffsetMinutes: 60,
              })) {
                for (const { value } of registers) assert.ok(Number.isSafeInteger(value));
              }
            } catch (thrown) {
              if (!(thrown instanceof Fault)) throw thrown;
            }
          }
        },
      ),
      { numRuns: 2_000 },
    );
  });
});
