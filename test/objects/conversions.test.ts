import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { convert } from "@gridledger/protocol/objects/conversions/convert";
import type { Encoding } from "@gridledger/protocol/objects/conversions/encodings";
import type { Conversion } from "@gridledger/protocol/objects/manifest";
import fc from "fast-check";

const converted = (rule: Conversion, text: string | Uint8Array): string =>
  Buffer.from(convert(rule, Buffer.from(text as string))).toString("utf8");

function refuses(rule: Conversion, text: string | Uint8Array, why: RegExp): void {
  assert.throws(() => converted(rule, text), { code: "OBJECT_CONVERSION", message: why });
}

describe("JSON is put in one form", () => {
  test("that of RFC 8785", () => {
    assert.equal(
      converted("json", '{ "b": [1.0, 1e3, -0], "a": "\\u00e9\\n", "\\u20ac": {"z": 1, "y": 2} }'),
      '{"a":"é\\n","b":[1,1000,0],"€":{"y":2,"z":1}}',
    );
  });

  test("whatever the order of its keys", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
        const turned = Object.fromEntries(Object.entries(value).reverse());
        const once = converted("json", JSON.stringify(value));
        assert.equal(converted("json", JSON.stringify(turned, null, 2)), once);
        assert.equal(converted("json", once), once);
      }),
    );
  });

  test("and what readers would understand in two ways is refused", () => {
    refuses("json", '{"a":1,"b":{"a":1,"a":2}}', /"a" stands twice/);
    refuses("json", '{"a":1,"\\u0061":2}', /stands twice/);
    refuses("json", "[12345678901234567890]", /more digits/);
    refuses("json", "[0.12345678901234567890]", /more digits/);
    refuses("json", "[1e999]", /no number/);
    refuses("json", '["\\ud800"]', /not Unicode/);
    refuses("json", '{"a":', /not JSON/);
    refuses("json", "[".repeat(200), /deeper/);
    refuses("json", Uint8Array.of(0x22, 0xff, 0x22), /not UTF-8/);
  });
});

describe("CSV is put in one form", () => {
  test("with or without a mark, quotes that are not needed, and any line end", () => {
    const plain = 'a,b\n1,"x,y"\n"q""q",\n';
    assert.equal(converted("csv", '\ufeff"a",b\r\n1,"x,y"\r\n"q""q",'), plain);
    assert.equal(converted("csv", plain), plain);
    assert.equal(converted("csv", '"two\nlines",x'), '"two\nlines",x\n');
    assert.equal(converted("csv", ""), "");
  });

  test("whatever the encoding in which it came, where that is named or marked", () => {
    const text = "表号,电量\n江苏-001,12.5\n";
    const gbk = Buffer.from("b1edbac52cb5e7c1bf0abdadcbd52d3030312c31322e350a", "hex");
    const as = (encoding: Encoding, bytes: Uint8Array) =>
      Buffer.from(convert("csv", bytes, encoding)).toString();
    assert.equal(as("gb18030", gbk), text);
    // A character that GBK does not have takes four bytes.
    const rare = Buffer.from("9532823681308130", "hex");
    assert.equal(as("gb18030", rare), "𠀀\u0080\n");
    const utf16 = Buffer.from(text, "utf16le");
    const marked = Buffer.concat([Buffer.of(0xff, 0xfe), utf16]);
    for (const same of [marked, Buffer.from(marked).swap16()])
      assert.equal(converted("csv", same), text);
    assert.equal(as("utf-16le", utf16), text);
    assert.equal(as("utf-16be", Buffer.from(utf16).swap16()), text);
    refuses("csv", gbk, /not UTF-8; they can be read as GB18030/);
    refuses("csv", utf16, /not UTF-8$/);
    refuses("csv", Buffer.concat([marked, Buffer.of(0x41)]), /not UTF-16LE/);
    refuses("csv", Buffer.from([0xff, 0xfe, 0x00, 0xd8, 0x41, 0x00]), /not UTF-16LE/);
    assert.throws(() => as("gb18030", Buffer.of(0x41, 0xb5)), {
      code: "OBJECT_CONVERSION",
      message: /not GB18030/,
    });
  });

  test("and keeps every cell as it stands", () => {
    const cells = fc.array(fc.array(fc.string(), { minLength: 2, maxLength: 2 }), { minLength: 1 });
    fc.assert(
      fc.property(cells, (rows) => {
        const clean = rows.map((row) => row.map((cell) => cell.replaceAll("\u0000", "")));
        const quoted = clean.map((row) => row.map((cell) => `"${cell.replaceAll('"', '""')}"`));
        const text = quoted.map((row) => row.join(",")).join("\r\n");
        const once = converted("csv", text);
        assert.equal(converted("csv", once), once);
      }),
    );
  });

  test("and a broken one is refused with its line", () => {
    refuses("csv", "a,b\n1", /row 2 has 1 cells, the first has 2/);
    refuses("csv", 'a\n"b', /line 2: a quote is never closed/);
    refuses("csv", 'a,b"c\n', /line 1: a quote within/);
    refuses("csv", '"a"b\n', /line 1: text behind/);
    refuses("csv", "a\rb\n", /line 1: a lone CR/);
    refuses("csv", "a\u0000b\n", /NUL/);
    refuses("csv", Uint8Array.of(0xc3, 0x28), /not UTF-8/);
  });
});

describe("rows of a database are put in one form", () => {
  const columns = (...types: string[]) =>
    types.map((type, i) => ({ name: `c${i}`, type }) as { name: string; type: string });
  const one = (type: string, value: unknown): string =>
    converted("rows", JSON.stringify({ columns: columns(type), rows: [[value]] })).split("\n")[1]!;

  test("whichever database wrote them", () => {
    for (const same of ["7", "007", "+7", 7]) assert.equal(one("integer", same), '["7"]');
    for (const same of ["1.5", "01.500", "+1.50"]) assert.equal(one("decimal", same), '["1.5"]');
    assert.equal(one("decimal", "-0.50"), '["-0.5"]');
    assert.equal(one("decimal", "-0.0"), '["0"]');
    const time = '["2025-12-31T16:00:00.000Z"]';
    assert.equal(one("time", "2026-01-01 00:00:00+08:00"), time);
    assert.equal(one("time", "2025-12-31T16:00:00Z"), time);
    assert.equal(one("bytes", "00FFab"), '["00ffab"]');
    assert.equal(one("text", null), "[null]");
    assert.equal(one("boolean", true), "[true]");
  });

  test("and what two databases would mean differently is refused", () => {
    const refused: [string, unknown][] = [
      ["decimal", 1.5],
      ["time", "2026-01-01 00:00:00"],
      ["time", "2026-13-01T00:00:00Z"],
      ["integer", "1.0"],
      ["bytes", "abc"],
      ["boolean", 1],
      ["text", 5],
    ];
    for (const [type, value] of refused) {
      refuses("rows", JSON.stringify({ columns: columns(type), rows: [[value]] }), /row 1, c0/);
    }
    refuses("rows", JSON.stringify({ columns: columns("text"), rows: [["a", "b"]] }), /2 values/);
    refuses("rows", '{"rows":[]}', /columns/);
    const twice = [...columns("text"), ...columns("text")];
    refuses("rows", JSON.stringify({ columns: twice, rows: [] }), /stands twice/);
  });
});
