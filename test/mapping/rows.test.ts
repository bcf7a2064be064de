import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { international } from "@gridledger/protocol/crypto/international";
import { formatHex } from "@gridledger/protocol/hex";
import { canonicalValue } from "@gridledger/protocol/rows/canonical-value";
import type { ColumnType } from "@gridledger/protocol/rows/column-types";
import { normaliseDecimal, plainDecimal } from "@gridledger/protocol/rows/decimal";
import { encodeMappedTable, tableFingerprint } from "@gridledger/protocol/rows/mapped-table";
import {
  decodeValues,
  encodeValues,
  leafOfRemoval,
  leafOfRow,
  rowLeafHash,
} from "@gridledger/protocol/rows/row-leaf";
import { RowSalts } from "@gridledger/protocol/rows/row-salts";
import fc from "fast-check";

const { hash } = international;
const salts = new RowSalts(new Uint8Array(32).fill(7), new Uint8Array(10).fill(1));

function same(type: ColumnType, expected: string, ...given: unknown[]): void {
  for (const one of given) assert.equal(canonicalValue(type, one), expected, `${type} ${one}`);
}

function refused(type: ColumnType, ...given: unknown[]): void {
  for (const one of given) {
    assert.throws(() => canonicalValue(type, one), { code: "ROW_VALUE" }, `${type} ${one}`);
  }
}

describe("a canonical value", () => {
  it("of a whole number is one text, whatever the driver makes of it", () => {
    same("integer", "42", 42, 42n, "42", "+42", "0042");
    same("integer", "0", 0, -0, "-0");
    same("integer", "9223372036854775807", 9223372036854775807n, "9223372036854775807");
    refused("integer", 1.5, "1e3", "", true, 2 ** 60);
  });

  it("of a decimal has no zeros at its ends, and is never rounded", () => {
    same("decimal", "125e-1", "12.5", "12.50", "012.500", 12.5, "1.25e1", "+12.5");
    same("decimal", "1e2", "100", "100.00", 100, 100n, "1E+2");
    same("decimal", "0", "0", "0.00", "-0", "-0.0");
    same("decimal", "-10000000000000000000000001e-26", "-0.10000000000000000000000001");
    same("decimal", "NaN", "NaN");
    same("decimal", "1e400", "1e400", `1${"0".repeat(400)}`);
    refused("decimal", "12,5", "", ".", "0x10", "1 2", {});
  });

  it("of a decimal is shown as people write it", () => {
    const shown = ["625e-2", "-5e-3", "1e2", "0", "7", "NaN", "1e99"].map(plainDecimal);
    assert.deepEqual(shown, ["6.25", "-0.005", "100", "0", "7", "NaN", "1e99"]);
  });

  it("of a float is its shortest text that reads back; both zeros are one", () => {
    same("float", "0.1", 0.1, "0.1", "0.1000000000000000055511151231257827");
    same("float", "0", 0, -0, "-0", "0.0");
    same("float", "NaN", Number.NaN, "NaN");
    same("float", "-Infinity", Number.NEGATIVE_INFINITY, "-Infinity", "-inf");
    same("float", "1e+21", 1e21, "1000000000000000000000");
    same("float", "5e-324", "4.94065645841246544e-324", 5e-324);
    same("float", "1.7976931348623157e+308", "1.7976931348623157e308");
    // What no binary64 holds is none: it is not the infinity that rounding would make of it.
    refused("float", "1e400", "-1e400", `1${"0".repeat(400)}`);
    refused("float32", "1e39");
    // PostgreSQL shows a real as 0.1, MySQL's FLOAT comes as the binary64 that it is.
    same("float32", "0.10000000149011612", "0.1", 0.1, 0.10000000149011612);
  });

  it("of a boolean is 0 or 1", () => {
    same("boolean", "1", true, 1, "t", "true", 1n, Buffer.of(1));
    same("boolean", "0", false, 0, "f", "false", "0", Buffer.of(0));
    refused("boolean", 2, "yes", Buffer.of(0, 0));
  });

  it("of a time is in UTC where the type has a zone, and as it stands where not", () => {
    same(
      "timestamptz",
      "2026-03-29T01:30:00.25Z",
      "2026-03-29 01:30:00.250000+00",
      "2026-03-29T03:30:00.25+02:00",
      "2026-03-28 21:00:00.25-0430",
      "2026-03-29 01:30:00.25",
    );
    same("timestamptz", "1879-12-31T23:40:28Z", "1880-01-01 00:00:00+00:19:32");
    same("timestamp", "2026-03-29T01:30:00", "2026-03-29 01:30:00.000", "2026-03-29T01:30:00");
    same("date", "2026-03-29", "2026-03-29");
    same("time", "07:30:00.5", "07:30:00.500");
    // The first and the last year keep their seconds; beyond them there is no such text.
    same("timestamptz", "0000-12-31T16:00:07Z", "0001-01-01 00:00:07+08:00");
    same("timestamptz", "9999-12-31T23:59:59.5Z", "9999-12-31 23:59:59.5");
    refused("timestamptz", "0000-01-01 00:00:07+08:00", "9999-12-31 23:00:07-05:00");
    refused("timestamptz", "2026-02-31 00:00:00+01:00", "12026-01-01 00:00:00", "0044-03-15 BC");
    // An hour that a summer time leaves out or has twice: in UTC there are two of them.
    same("timestamptz", "2026-10-25T00:30:00Z", "2026-10-25 02:30:00+02");
    same("timestamptz", "2026-10-25T01:30:00Z", "2026-10-25 02:30:00+01");
    same("timestamp", "0000-00-00T00:00:00", "0000-00-00 00:00:00");
    same("date", "0000-00-00", "0000-00-00");
    refused("timestamp", "2026-03-29 01:30:00+02", new Date(0), "2026-13-01 00:00:00", "today");
    refused("date", "2026-3-29", "2026-03-29 00:00:00", "2026-02-99");
  });

  it("of text is the text: another normal form is another value", () => {
    assert.notEqual(canonicalValue("text", "é"), canonicalValue("text", "e\u0301"));
    same("char", "ab", "ab   ", "ab");
    refused("text", "\ud800", Buffer.from("x"), 5);
  });

  it("of JSON keeps numbers exact, sorts members, and lets spaces go", () => {
    same("json", '{"a":1,"b":[125e-1,null,"é"]}', '{ "b" : [12.50, null, "\\u00e9"], "a":1.0 }');
    assert.notEqual(
      canonicalValue("json", "12345678901234567891"),
      canonicalValue("json", "12345678901234567892"),
    );
    same("json", '{"a":2}', '{"a":1,"a":2}');
    refused("json", "{", "[1,]", "01", "'a'", "{} {}", '{"a":1}x', "[".repeat(1_000), "", "-");
  });

  it("of a uuid is its digits, from text or bytes", () => {
    const digits = "0192f3c4a0b17def8a1b2c3d4e5f6071";
    same("uuid", digits, "0192F3C4-A0B1-7DEF-8A1B-2C3D4E5F6071", Buffer.from(digits, "hex"));
    refused("uuid", "0192", 5);
  });

  it("of NULL is NULL in every type, and is neither zero nor empty", () => {
    const column = [{ name: "a", type: "text" as const }];
    assert.equal(canonicalValue("integer", null), null);
    assert.notDeepEqual(encodeValues(column, [null]), encodeValues(column, [""]));
  });

  it("of any decimal is found from its own text again", () => {
    fc.assert(
      fc.property(fc.bigInt(), fc.integer({ min: -40, max: 40 }), (digits, power) => {
        const text = normaliseDecimal(`${digits}e${power}`);
        assert.equal(normaliseDecimal(text ?? ""), text);
      }),
    );
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (number) => {
        assert.equal(Number(canonicalValue("float", number)), number === 0 ? 0 : number);
        assert.equal(Number(normaliseDecimal(String(number))), number === 0 ? 0 : number);
      }),
    );
  });
});

describe("a row's leaf", () => {
  const columns = [
    { name: "meter", type: "text" as const },
    { name: "kwh", type: "decimal" as const },
  ];
  const key = encodeValues([{ name: "id", type: "integer" }], ["1"]);
  const leafOf = (values: (string | null)[], batch = 1) =>
    leafOfRow(hash, salts.ofRow(batch, key), true, { key, columns, values });

  it("changes in the one commitment whose column changed", () => {
    const before = leafOf(["M1", "125e-1"]);
    const after = leafOf(["M1", "126e-1"]);
    assert.deepEqual(before.commitments[0], after.commitments[0]);
    assert.notDeepEqual(before.commitments[1], after.commitments[1]);
    assert.notDeepEqual(rowLeafHash(hash, before), rowLeafHash(hash, after));
  });

  it("of the same values in another row or another batch shows no likeness", () => {
    const two = [leafOf(["M1", "1"], 1), leafOf(["M1", "1"], 2)].flatMap((l) => l.commitments);
    assert.equal(new Set(two.map(formatHex)).size, 4);
    assert.equal(new Set(leafOf(["5", "5"]).commitments.map(formatHex)).size, 2);
  });

  it("of a removed row is not that of an empty one", () => {
    const salt = salts.ofRow(1, key);
    const empty = leafOfRow(hash, salt, false, { key, columns: [], values: [] });
    assert.notDeepEqual(
      rowLeafHash(hash, empty),
      rowLeafHash(hash, leafOfRemoval(hash, salt, key)),
    );
  });

  it("opens to the values that went in, and to no others", () => {
    const values = ["M1", null];
    const encoded = encodeValues(columns, values);
    assert.deepEqual(decodeValues(columns, encoded), values);
    const swapped = [columns[1]!, columns[0]!];
    assert.throws(() => decodeValues(swapped, encoded), { code: "CBOR_SHAPE" });
  });
});

describe("a mapped table's fingerprint", () => {
  const table = {
    name: "public.readings",
    key: [{ name: "id", type: "integer" as const }],
    columns: [{ name: "kwh", type: "decimal" as const }],
    saltsPerColumn: true,
  };

  it("changes with the name, a column, a type, and the kind of salts", () => {
    const others = [
      { ...table, name: "readings" },
      { ...table, columns: [{ name: "kwh", type: "float" as const }] },
      { ...table, columns: [{ name: "wh", type: "decimal" as const }] },
      { ...table, saltsPerColumn: false },
    ];
    const prints = [table, ...others].map((one) => formatHex(tableFingerprint(hash, one)));
    assert.equal(new Set(prints).size, 5);
  });

  it("needs a key, and no column twice", () => {
    assert.throws(() => encodeMappedTable({ ...table, key: [] }), { code: "CBOR_SHAPE" });
    const twice = { ...table, columns: [...table.columns, ...table.key] };
    assert.throws(() => encodeMappedTable(twice), { code: "CBOR_SHAPE" });
  });
});
