import assert from "node:assert/strict";
import { test } from "node:test";
import { Fault } from "@gridledger/protocol/faults";
import { formatObis, parseObis } from "@gridledger/protocol/metering/obis";
import {
  decodeReadingBatch,
  encodeReadingBatch,
  MAX_READINGS_PER_BATCH,
  type ReadingBatch,
} from "@gridledger/protocol/metering/reading-batch";
import fc from "fast-check";

const quarterHourMs = 900_000;

function batchOf(overrides: Partial<ReadingBatch> = {}): ReadingBatch {
  return {
    meter: "4B384547303034303436333935353037",
    sequence: 1,
    previousHash: new Uint8Array(32),
    timesMs: [1_484_835_739_000, 1_484_836_639_000],
    registers: [{ obis: "1-0:1.8.0", unit: "Wh", scaler: 0, values: [4426, 4501] }],
    ...overrides,
  };
}

const batches = fc
  .record({
    count: fc.integer({ min: 1, max: 40 }),
    start: fc.integer({ min: 0, max: 4e12 }),
    registers: fc.uniqueArray(fc.integer({ min: 1, max: 255 }), { minLength: 1, maxLength: 5 }),
    scaler: fc.integer({ min: -9, max: 9 }),
    unit: fc.constantFrom("Wh", "W", "V", "A", "var", "m3", ""),
    sequence: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
  })
  .chain((shape) =>
    fc
      .record({
        steps: fc.array(fc.integer({ min: 1, max: 1e9 }), {
          minLength: shape.count,
          maxLength: shape.count,
        }),
        columns: fc.array(
          fc.array(fc.option(fc.integer({ min: -(2 ** 51), max: 2 ** 51 })), {
            minLength: shape.count,
            maxLength: shape.count,
          }),
          { minLength: shape.registers.length, maxLength: shape.registers.length },
        ),
      })
      .map(({ steps, columns }): ReadingBatch => {
        let timeMs = shape.start;
        return batchOf({
          sequence: shape.sequence,
          timesMs: steps.map((step) => (timeMs += step)),
          registers: columns.map((values, i) => ({
            obis: `1-0:${shape.registers[i]}.8.0`,
            unit: shape.unit,
            scaler: shape.scaler,
            values,
          })),
        });
      }),
  );

test("property: a batch comes back as it was, gaps and falling registers included", () => {
  fc.assert(
    fc.property(batches, (batch) => {
      const decoded = decodeReadingBatch(encodeReadingBatch(batch));
      assert.deepEqual({ ...decoded, previousHash: new Uint8Array(decoded.previousHash) }, batch);
    }),
    { numRuns: 300 },
  );
});

test("property: mutated bytes are refused with a code or are the one encoding of what they say", () => {
  const bytes = encodeReadingBatch(batchOf());
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { maxLength: 4 }),
      (edits) => {
        const mutated = Uint8Array.from(bytes);
        for (const [at, value] of edits) mutated[at] = value;
        try {
          const decoded = decodeReadingBatch(mutated);
          assert.deepEqual(Buffer.from(encodeReadingBatch(decoded)), Buffer.from(mutated));
        } catch (thrown) {
          assert.ok(thrown instanceof Fault, `${thrown}`);
        }
      },
    ),
    { numRuns: 5_000 },
  );
});

test("a day of quarter-hour energy costs little more than two bytes a reading", () => {
  const timesMs = Array.from({ length: 96 }, (_, i) => 1_514_761_200_000 + i * quarterHourMs);
  const values = timesMs.map((_, i) => 12_345_678 + i * 23);
  const registers = [{ obis: "1-0:1.8.0", unit: "Wh", scaler: 0, values }];
  const bytes = encodeReadingBatch(batchOf({ timesMs, registers }));
  assert.ok(bytes.length < 96 * 2.2 + 120, `${bytes.length} bytes`);
});

test("what no meter says is refused with a code that tells why", () => {
  const register = { obis: "1-0:1.8.0", unit: "Wh", scaler: 0, values: [1, 2] };
  const wrong: [string, Partial<ReadingBatch>][] = [
    ["no meter", { meter: "" }],
    ["a control character in the meter", { meter: "a\nb" }],
    ["sequence 0", { sequence: 0 }],
    ["a short previousHash", { previousHash: new Uint8Array(31) }],
    ["falling times", { timesMs: [2, 1] }],
    ["equal times", { timesMs: [1, 1] }],
    ["no registers", { registers: [] }],
    ["a register twice", { registers: [register, register] }],
    ["a column too short", { registers: [{ ...register, values: [1] }] }],
    ["half a watt-hour", { registers: [{ ...register, values: [1, 1.5] }] }],
    ["a unit without a number", { registers: [{ ...register, unit: "furlong" }] }],
    ["an OBIS code that is none", { registers: [{ ...register, obis: "1-0:256.8.0" }] }],
    [
      "too many readings",
      { timesMs: Array.from({ length: MAX_READINGS_PER_BATCH + 1 }, (_, i) => i) },
    ],
  ];
  for (const [why, overrides] of wrong) {
    assert.throws(
      () => encodeReadingBatch(batchOf(overrides)),
      (fault) => fault instanceof Fault && fault.code === "BATCH_SHAPE",
      why,
    );
  }
});

test("OBIS codes keep their F group, and 255 is not written", () => {
  for (const text of ["1-0:1.8.0", "0-1:24.2.1", "1-0:99.97.0", "1-0:1.8.0*1"]) {
    assert.equal(formatObis(parseObis(text)), text);
  }
  assert.equal(formatObis(parseObis("1-0:1.8.0.255")), "1-0:1.8.0");
});
