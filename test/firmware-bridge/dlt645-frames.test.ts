import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Fault } from "@gridledger/protocol/faults";
import fc from "fast-check";
import { addressAnswer, dataAnswer } from "../../firmware-bridge/src/frames/dlt645/answers.ts";
import { decodeBcd, encodeBcd } from "../../firmware-bridge/src/frames/dlt645/bcd.ts";
import { type Dlt645Value, decodeData } from "../../firmware-bridge/src/frames/dlt645/data.ts";
import { encodeDi } from "../../firmware-bridge/src/frames/dlt645/data-identifier.ts";
import { decodeFrame, encodeFrame } from "../../firmware-bridge/src/frames/dlt645/frame.ts";
import { FrameSplitter } from "../../firmware-bridge/src/frames/dlt645/frame-splitter.ts";
import {
  readAddressRequest,
  readDataRequest,
  readFollowUpRequest,
} from "../../firmware-bridge/src/frames/dlt645/requests.ts";
import { capturedFrames, frameBytes } from "./captures.ts";

const bare = (bytes: Uint8Array) => bytes.subarray(bytes.indexOf(0x68));
const answers = capturedFrames.filter(
  ({ note, checksum_ok }) => note.startsWith("rsp") && checksum_ok,
);

function numbers(values: readonly Dlt645Value[]): (number | null)[] {
  return values.map((value) => {
    assert.equal(value.kind, "number");
    return value.kind === "number" ? value.value : null;
  });
}

function decodeAnswer(hex: string): Dlt645Value[] {
  const frame = decodeFrame(bare(Buffer.from(hex.replaceAll(" ", ""), "hex")));
  const di =
    frame.data[0]! + frame.data[1]! * 256 + frame.data[2]! * 65_536 + frame.data[3]! * 2 ** 24;
  return decodeData(di, dataAnswer(frame, di, 0)!.bytes);
}

/** An answer with this data, as a meter would send it. */
function answer(di: number, bytes: readonly number[], extra: object = {}) {
  return {
    address: "000000000161",
    function: 0x11,
    isFromMeter: true,
    isError: false,
    hasMore: false,
    data: Uint8Array.of(...encodeDi(di), ...bytes),
    ...extra,
  };
}

describe("captured DL/T 645-2007 frames", () => {
  it("every one decodes to the identifier and payload written beside it", () => {
    for (const captured of capturedFrames) {
      const bytes = bare(frameBytes(captured));
      if (!captured.checksum_ok) {
        assert.throws(() => decodeFrame(bytes), { code: "DLT645_CHECKSUM" });
        continue;
      }
      const frame = decodeFrame(bytes);
      const reversed = Buffer.from(frame.data).reverse().toString("hex");
      const isData = frame.function === 0x11 && frame.isFromMeter;
      const expected = isData ? captured.payload + captured.di : captured.payload;
      assert.equal(reversed, expected, captured.note);
      assert.deepEqual(Buffer.from(encodeFrame(frame)), Buffer.from(bytes), captured.note);
    }
  });

  it("the values are those noted by whoever captured them", () => {
    // ", 0, 0" and "36.30,2.56": the numbers in the note, in the unit of its end.
    for (const captured of answers) {
      const frame = decodeFrame(bare(frameBytes(captured)));
      if (frame.function === 0x13) {
        assert.equal(addressAnswer(frame), captured.payload);
      } else if (captured.value !== null) {
        const decoded = decodeAnswer(captured.hex);
        const noted = captured.value.match(/-?\d+(?:\.\d+)?/g)?.map(Number) ?? [];
        const kilo = captured.value.includes(" k") ? 1_000 : 1;
        const found = decoded.map((value) =>
          value.kind === "number" ? ((value.value ?? 0) * 10 ** value.scaler) / kilo : Number.NaN,
        );
        assert.deepEqual(
          found.map((x) => x.toFixed(4)),
          noted.map((x) => x.toFixed(4)),
          captured.note,
        );
      }
    }
  });

  it("requests are the captured bytes", () => {
    const hex = (bytes: Uint8Array) => Buffer.from(bare(bytes)).toString("hex");
    const captured = (note: string) =>
      hex(frameBytes(capturedFrames.find((frame) => frame.note.startsWith(note))!));
    assert.equal(hex(readDataRequest("000000000161", 0x00010000)), captured("req 00010000"));
    assert.equal(hex(readDataRequest("000000193600", 0x0001ff00)), captured("req 0001FF00"));
    assert.equal(hex(readAddressRequest()), captured("req read address"));
  });
});

describe("DL/T 645 data", () => {
  it("the top bit of a power is its sign, and FF throughout is no value", () => {
    assert.deepEqual(numbers(decodeData(0x02030000, Uint8Array.of(0x12, 0x25, 0x80))), [-2512]);
    assert.deepEqual(numbers(decodeData(0x02030000, Uint8Array.of(0xff, 0xff, 0xff))), [null]);
    assert.deepEqual(numbers(decodeData(0x0201ff00, Buffer.from("0323ffffffff", "hex"))), [
      2303,
      null,
      null,
    ]);
    assert.deepEqual(numbers(decodeData(0x00000000, Buffer.from("50000080", "hex"))), [-50]);
  });

  it("forward energy has no sign: its top digit counts", () => {
    assert.deepEqual(numbers(decodeData(0x00010000, Buffer.from("99999999", "hex"))), [99_999_999]);
  });

  it("tariffs, settlement days and phases have their OBIS codes", () => {
    const obis = (di: number, hex: string) =>
      decodeData(di, Buffer.from(hex, "hex")).map((value) =>
        value.kind === "number" ? value.obis : "",
      );
    assert.deepEqual(obis(0x00010200, "00000000"), ["1-0:1.8.2"]);
    assert.deepEqual(obis(0x00020001, "00000000"), ["1-0:2.8.0*101"]);
    assert.deepEqual(obis(0x0001010c, "00000000"), ["1-0:1.8.1*112"]);
    assert.deepEqual(obis(0x000100ff, "0000000000000000"), ["1-0:1.8.0", "1-0:1.8.0*101"]);
    assert.deepEqual(obis(0x00150000, "00000000"), ["1-0:21.8.0"]);
    assert.deepEqual(obis(0x003e0000, "00000000"), ["1-0:62.8.0"]);
    assert.deepEqual(obis(0x00080000, "00000000"), ["1-0:8.8.0"]);
    assert.deepEqual(obis(0x0203ff00, "000000".repeat(4)), [
      "1-0:16.7.0",
      "1-0:36.7.0",
      "1-0:56.7.0",
      "1-0:76.7.0",
    ]);
    assert.deepEqual(obis(0x02800002, "0050"), ["1-0:14.7.0"]);
  });

  it("maximum demand comes with its time; date and time are parts", () => {
    const [demand, time] = decodeData(0x01010000, Buffer.from("4523013014210625", "hex"));
    assert.deepEqual(demand?.kind === "number" && [demand.value, demand.scaler, demand.obis], [
      12_345,
      -1,
      "1-0:1.6.0",
    ]);
    assert.deepEqual(time?.kind === "moment" && time.parts, {
      minute: 30,
      hour: 14,
      day: 21,
      month: 6,
      year: 25,
    });
    const [date] = decodeData(0x04000101, Buffer.from("06211126", "hex"));
    assert.deepEqual(date?.kind === "moment" && date.parts, {
      weekday: 6,
      day: 21,
      month: 11,
      year: 26,
    });
  });

  it("an unknown identifier is refused with its bytes as hexadecimal", () => {
    assert.throws(
      () => decodeData(0x03300100, Uint8Array.of(1, 2, 0xab)),
      (fault) =>
        fault instanceof Fault && fault.code === "DLT645_UNKNOWN" && fault.data.hex === "0102ab",
    );
  });

  it("a wrong length or digit is refused", () => {
    assert.throws(() => decodeData(0x00010000, Uint8Array.of(1, 2, 3)), { code: "DLT645_DATA" });
    assert.throws(() => decodeData(0x0001ff00, Uint8Array.of(1, 2, 3, 4, 5)), {
      code: "DLT645_DATA",
    });
    assert.throws(() => decodeData(0x0001ff00, new Uint8Array(0)), { code: "DLT645_DATA" });
    assert.throws(() => decodeData(0x00010000, Uint8Array.of(0x1a, 0, 0, 0)), {
      code: "DLT645_DATA",
    });
  });

  it("BCD is read back as written", () => {
    fc.assert(
      fc.property(fc.integer({ min: -799_999, max: 799_999 }), (value) => {
        assert.equal(decodeBcd(encodeBcd(value, 3, true), true), value);
      }),
    );
  });
});

describe("DL/T 645 answers", () => {
  it("an error answer says its reasons", () => {
    const frame = answer(0, [], { isError: true, data: Uint8Array.of(0x06) });
    assert.throws(() => dataAnswer(decodeFrame(encodeFrame(frame)), 0x00010000, 0), {
      code: "DLT645_REFUSED",
      message: "00010000: no such data, wrong password or not authorised",
    });
  });

  it("an answer to another identifier or sequence is not taken", () => {
    assert.equal(dataAnswer(answer(0x00020000, [0, 0, 0, 0]), 0x00010000, 0), null);
    const following = answer(0x00010000, [0x55, 2], { function: 0x12, hasMore: true });
    assert.equal(dataAnswer(following, 0x00010000, 1), null);
    assert.deepEqual(dataAnswer(following, 0x00010000, 2), {
      bytes: Uint8Array.of(0x55),
      hasMore: true,
    });
  });

  it("follow-up requests carry the sequence", () => {
    const frame = decodeFrame(bare(readFollowUpRequest("000000000161", 0x0001ff00, 3)));
    assert.equal(frame.function, 0x12);
    assert.deepEqual([...frame.data], [0x00, 0xff, 0x01, 0x00, 3]);
  });

  it("a DL/T 645-1997 meter is refused by name", () => {
    const frame = encodeFrame({
      ...answer(0, []),
      function: 0x01,
      data: Uint8Array.of(0x10, 0x90),
    });
    assert.throws(() => decodeFrame(frame), { code: "DLT645_1997" });
    const [found] = new FrameSplitter().push(frame);
    assert.equal((found as Fault).code, "DLT645_1997");
  });
});

describe("the DL/T 645 splitter", () => {
  const good = frameBytes(capturedFrames.find(({ note }) => note === "rsp 00010000")!);

  it("gives the same frame wherever the chunks end", () => {
    for (const captured of capturedFrames.filter(({ checksum_ok }) => checksum_ok)) {
      const bytes = frameBytes(captured);
      const expected = decodeFrame(bare(bytes));
      for (let at = 0; at <= bytes.length; at++) {
        const splitter = new FrameSplitter();
        const found = [
          ...splitter.push(bytes.subarray(0, at)),
          ...splitter.push(bytes.subarray(at)),
        ];
        assert.deepEqual(found, [expected], `${captured.note} at ${at}`);
      }
    }
  });

  it("a frame with a wrong checksum is a fault and the next one is found", () => {
    const bad = frameBytes(capturedFrames.find(({ checksum_ok }) => !checksum_ok)!);
    const found = new FrameSplitter().push(Buffer.concat([bad, good]));
    assert.equal((found[0] as Fault).code, "DLT645_CHECKSUM");
    assert.deepEqual(found.at(-1), decodeFrame(bare(good)));
  });

  it("finds a frame behind any rubbish, at once", () => {
    // Heads of frames are the hard rubbish: make many.
    const byte = fc.oneof(
      fc.constantFrom(0x68, 0x16, 0xfe, 0xc8),
      fc.integer({ min: 0, max: 255 }),
    );
    fc.assert(
      fc.property(
        fc.array(byte, { maxLength: 300 }),
        fc.integer({ min: 1, max: 40 }),
        (junk, size) => {
          const splitter = new FrameSplitter();
          const stream = Buffer.concat([Buffer.from(junk), good]);
          const found: unknown[] = [];
          for (let at = 0; at < stream.length; at += size) {
            found.push(...splitter.push(stream.subarray(at, at + size)));
          }
          assert.deepEqual(found.at(-1), decodeFrame(bare(good)));
        },
      ),
      { numRuns: 1_000 },
    );
  });

  it("damaged frames make only frames and faults", () => {
    const edit = fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 }));
    fc.assert(
      fc.property(
        fc.constantFrom(...answers),
        fc.array(edit, { maxLength: 6 }),
        (captured, edits) => {
          const bytes = frameBytes(captured);
          for (const [at, value] of edits) bytes[at % bytes.length] = value;
          for (const frame of new FrameSplitter().push(bytes)) {
            if (frame instanceof Fault) continue;
            try {
              decodeData(Number.parseInt(captured.di ?? "0", 16), frame.data.subarray(4));
              addressAnswer(frame);
            } catch (thrown) {
              if (!(thrown instanceof Fault)) throw thrown;
            }
          }
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it("any identifier with any bytes is read or refused", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 0xffff_ffff }),
        fc.uint8Array({ maxLength: 200 }),
        (di, data) => {
          for (const near of [di, di & 0x04ff_ffff, (di & 0x0200_ffff) | 0xff00]) {
            try {
              decodeData(near >>> 0, data);
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
