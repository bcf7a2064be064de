import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { revertReason } from "@gridledger/protocol/contracts/revert-reason";
import fc from "fast-check";
import { ContractRig } from "./support.ts";

const WORD = 1n << 256n;
const u = (value: bigint): bigint => BigInt.asUintN(256, value);
const s = (value: bigint): bigint => BigInt.asIntN(256, value);
const hex = (value: bigint): string => `0x${u(value).toString(16).padStart(64, "0")}`;
/** Powers modulo 2²⁵⁶. */
const power = (base: bigint, exponent: bigint): bigint => {
  let [result, square] = [1n, base];
  for (let left = exponent; left > 0n; left >>= 1n) {
    if (left & 1n) result = u(result * square);
    square = u(square * square);
  }
  return result;
};

const edges = [0n, 1n, 2n, 7n, 255n, WORD / 2n - 1n, WORD / 2n, WORD - 1n];
const word = fc.oneof(fc.constantFrom(...edges), fc.bigInt({ min: 0n, max: WORD - 1n }));
const RUNS = { numRuns: 40 };

/** Expected values are computed with JavaScript's own integers, which know nothing of any EVM. */
describe("operators of guide §4.3.3", () => {
  const rig = new ContractRig();
  const contract = rig.deploy("Operators.sol", "Operators");
  const value = (name: string, ...args: readonly unknown[]) => contract.value(name, args);
  const forWords = (check: (a: bigint, b: bigint) => void) =>
    fc.assert(fc.property(word, word, check), RUNS);

  it("a) ! && ||, and the right side only where it matters", () => {
    for (const a of [true, false]) {
      for (const b of [true, false]) {
        assert.deepEqual(value("logic", a, b), [!a, a && b, a || b]);
      }
      assert.deepEqual(value("lazy", a), [a, true, 1n]);
    }
  });

  it("b) <= < == != >= > on unsigned, signed, bytes and addresses", () => {
    forWords((a, b) => {
      const all = (x: bigint, y: bigint) => [x <= y, x < y, x === y, x !== y, x >= y, x > y];
      assert.deepEqual(value("compare", a, b), all(a, b));
      assert.deepEqual(value("compareSigned", s(a), s(b)), all(s(a), s(b)));
    });
    const [c, d] = [`0x${"1".repeat(40)}`, `0x${"2".repeat(40)}`];
    assert.deepEqual(value("equalBytes", hex(3n), hex(3n), c, d), [true, false, true]);
    assert.deepEqual(value("equalBytes", hex(3n), hex(4n), c, c), [false, true, false]);
  });

  it("c) & | ^ ~ on numbers and bytes", () => {
    forWords((a, b) => {
      const expected = [a & b, a | b, a ^ b, u(~a)];
      assert.deepEqual(value("bits", a, b), expected);
      assert.deepEqual(value("bytesBits", hex(a), hex(b)), expected.map(hex));
    });
  });

  it("d) + - * / % and unary - +, unsigned and signed", () => {
    forWords((a, b) => {
      const [q, r] = b === 0n ? [0n, 0n] : [a / b, a % b];
      assert.deepEqual(value("arithmetic", a, b), [u(a + b), u(a - b), u(a * b), q, r]);
      const [x, y] = [s(a), s(b)];
      const [sq, sr] = y === 0n ? [0n, 0n] : [s(x / y), s(x % y)];
      const expected = [s(x + y), s(x - y), s(x * y), sq, sr, s(-x)];
      assert.deepEqual(value("arithmeticSigned", x, y), expected);
      assert.equal(value("plus", x), x);
    });
  });

  it("d) ** << >>", () => {
    forWords((a, b) => {
      assert.equal(value("power", a, b), power(a, b));
      const by = b % 300n;
      const right = s(a) >> by;
      assert.deepEqual(value("shifts", a, s(a), by), [u(a << by), a >> by, s(a << by), right]);
    });
  });

  it("wrap in narrow types, and revert on overflow where Solidity checks", () => {
    // int8(200) is −56; −56 − 100 wraps to 100.
    assert.deepEqual(value("narrow", 200, 100), [44, 32, 100]);
    const receipt = contract.send("checkedAdd", [WORD - 1n, 1n]);
    assert.match(revertReason(receipt.output) ?? "", /panic 17/);
  });

  it("work on structs, arrays and bytes", () => {
    fc.assert(
      fc.property(word, word, fc.array(word, { maxLength: 6 }), (a, b, values) => {
        const sum = values.reduce((total, each) => u(total + each), 0n);
        const kept = a ^ sum;
        const expected = [sum, s(-s(b)), kept, `${hex(kept)}21`];
        assert.deepEqual(value("references", a, s(b), values), expected);
      }),
      { numRuns: 12 },
    );
  });

  it("work on mappings, one inside the other", () => {
    fc.assert(
      fc.property(word, word, word, (key, a, b) => {
        const expected = [u((u(a << 3n) | 5n) + 1n), s(-s(b)), !(a > 7n) && b !== 0n, 0n];
        assert.deepEqual(value("mappings", key, a, s(b)), expected);
      }),
      { numRuns: 12 },
    );
  });
});
