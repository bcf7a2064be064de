import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { CborReader } from "@gridledger/protocol/cbor/reader";
import { CborWriter } from "@gridledger/protocol/cbor/writer";
import { Fault } from "@gridledger/protocol/faults";
import fc from "fast-check";
import { readAny } from "../support/read-any.ts";

interface Vector {
  readonly hex: string;
  readonly roundtrip: boolean;
  readonly decoded?: unknown;
}

const vectors: Vector[] = JSON.parse(
  readFileSync(new URL("../vectors/cbor/appendix_a.json", import.meta.url), "utf8"),
);

/** Floats, tags, undefined and other simple values are not part of our CBOR, nor are 64-bit integers. */
function isOurs({ hex }: Vector): boolean {
  const first = Number.parseInt(hex.slice(0, 2), 16);
  const isWide = ["1bffffffffffffffff", "3bffffffffffffffff"].includes(hex);
  return (first < 0xc0 || (first >= 0xf4 && first <= 0xf6)) && !isWide && !/f93|fb3ff/.test(hex);
}

function codeOf(action: () => unknown): string {
  try {
    action();
  } catch (thrown) {
    assert.ok(thrown instanceof Fault, `threw ${thrown}`);
    return thrown.code;
  }
  return "accepted";
}

function readWhole(bytes: Uint8Array): unknown {
  const reader = new CborReader(bytes);
  const raw = reader.raw("item");
  reader.end();
  assert.deepEqual(Buffer.from(raw), Buffer.from(bytes));
  return readAny(new CborReader(bytes));
}

test("RFC 8949 appendix A: what is canonical and ours is read, everything else is refused", () => {
  let read = 0;
  for (const vector of vectors) {
    const bytes = Buffer.from(vector.hex, "hex");
    if (isOurs(vector) && vector.roundtrip) {
      const value = readWhole(bytes);
      if (vector.decoded !== undefined && !(value instanceof Map) && !Array.isArray(value)) {
        assert.deepEqual(value, vector.decoded, vector.hex);
      }
      read++;
    } else {
      assert.match(
        codeOf(() => readWhole(bytes)),
        /^CBOR_/,
        vector.hex,
      );
    }
  }
  assert.ok(read >= 35, `only ${read} vectors were read`);
});

test("every malleable encoding of one value is refused", () => {
  const refused: Record<string, string> = {
    "1800": "a long head for 0",
    "190018": "two bytes for 24",
    "1a0000ffff": "four bytes for 65535",
    "1b00000000ffffffff": "eight bytes for 2³²−1",
    "5800": "a long head for no bytes",
    "9f01ff": "an indefinite array",
    "5f4101ff": "an indefinite byte string",
    a201010100: "duplicate keys",
    a202010100: "unsorted keys",
    c101: "a tag",
    f93c00: "a half float",
    fb3ff8000000000000: "a double",
    f7: "undefined",
    "61ff": "text that is not UTF-8",
    "0000": "bytes after the end",
  };
  for (const [hex, why] of Object.entries(refused)) {
    assert.match(
      codeOf(() => readWhole(Buffer.from(hex, "hex"))),
      /^CBOR_/,
      why,
    );
  }
});

test("a length that the input cannot hold is refused before anything is allocated", () => {
  for (const hex of [
    "5b001fffffffffffff",
    "9b001fffffffffffff",
    "7a7fffffff",
    "bb0000000100000000",
  ]) {
    const before = process.memoryUsage().arrayBuffers;
    assert.match(
      codeOf(() => readWhole(Buffer.from(hex, "hex"))),
      /^CBOR_/,
    );
    assert.match(
      codeOf(() => new CborReader(Buffer.from(hex, "hex")).array("a", 10)),
      /^CBOR_/,
    );
    assert.ok(process.memoryUsage().arrayBuffers - before < 1_000_000);
  }
});

test("deep nesting is refused with a code, not with a stack overflow", () => {
  const bytes = new Uint8Array(100_000).fill(0x81);
  assert.equal(
    codeOf(() => new CborReader(bytes).raw("item")),
    "CBOR_LIMIT",
  );
});

test("the writer refuses what it could not write exactly", () => {
  const writer = new CborWriter();
  for (const value of [1.5, Number.NaN, 2 ** 53, -(2 ** 53), Number.POSITIVE_INFINITY]) {
    assert.equal(
      codeOf(() => writer.int(value)),
      "CBOR_SHAPE",
    );
  }
  assert.equal(
    codeOf(() => writer.uint(-1)),
    "CBOR_SHAPE",
  );
});

test("property: what is written is read back, and from one encoding only", () => {
  const item = fc.letrec((tie) => ({
    value: fc.oneof(
      { depthSize: "small" },
      fc.maxSafeInteger(),
      fc.uint8Array(),
      fc.string({ unit: "grapheme" }),
      fc.boolean(),
      fc.constant(null),
      fc.array(tie("value"), { maxLength: 5 }),
    ),
  })).value;
  const write = (writer: CborWriter, value: unknown): void => {
    if (typeof value === "number") writer.int(value);
    else if (typeof value === "string") writer.text(value);
    else if (typeof value === "boolean") writer.bool(value);
    else if (value instanceof Uint8Array) writer.bytes(value);
    else if (Array.isArray(value)) {
      writer.array(value.length);
      for (const inner of value) write(writer, inner);
    } else writer.null();
  };
  fc.assert(
    fc.property(item, (value) => {
      const writer = new CborWriter(1);
      write(writer, value);
      const read = readWhole(writer.finish());
      const plain = (any: unknown): unknown =>
        any instanceof Uint8Array
          ? [...any, "bytes"]
          : Array.isArray(any)
            ? any.map(plain)
            : any === 0
              ? 0
              : any;
      assert.deepEqual(plain(read), plain(value));
    }),
    { numRuns: 500 },
  );
});

test("property: any bytes are either refused with a code or are exactly what a writer writes", () => {
  const rewrite = (writer: CborWriter, value: unknown): void => {
    if (value instanceof Map) {
      writer.map(value.size);
      for (const [key, inner] of value) {
        rewrite(writer, key);
        rewrite(writer, inner);
      }
    } else if (Array.isArray(value)) {
      writer.array(value.length);
      for (const inner of value) rewrite(writer, inner);
    } else if (typeof value === "number") writer.int(value);
    else if (typeof value === "string") writer.text(value);
    else if (typeof value === "boolean") writer.bool(value);
    else if (value instanceof Uint8Array) writer.bytes(value);
    else writer.null();
  };
  let accepted = 0;
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
      let value: unknown;
      try {
        value = readWhole(bytes);
      } catch (thrown) {
        assert.ok(thrown instanceof Fault, `${thrown}`);
        return;
      }
      accepted++;
      const writer = new CborWriter();
      rewrite(writer, value);
      assert.deepEqual(Buffer.from(writer.finish()), Buffer.from(bytes));
    }),
    { numRuns: 20_000 },
  );
  assert.ok(accepted > 50, `only ${accepted} were accepted`);
});
