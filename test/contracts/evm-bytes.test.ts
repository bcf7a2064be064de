import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as published from "@ethereumjs/util";
import fc from "fast-check";
import { evmBytes } from "../../edge-node/src/contracts/evm-bytes.ts";

const bytes = fc.uint8Array({ maxLength: 70 });
const length = fc.nat(64);
const isLittle = fc.boolean();
/** What stands at the ends of what fits into a number of JavaScript, and of a word. */
const ends = fc
  .tuple(
    fc.constantFrom(0, 8, 16, 40, 48, 52, 53, 56, 64, 128, 248, 256),
    fc.constantFrom(-1n, 0n, 1n),
  )
  .map(([bits, by]) => (1n << BigInt(bits)) + by);
const number = fc.oneof(ends, fc.bigInt({ min: 0n, max: (1n << 256n) - 1n }));

describe("bytes and numbers of the contract machine", () => {
  const same = <Values>(
    name: string,
    values: fc.Arbitrary<Values>,
    ask: (functions: typeof published, values: Values) => unknown,
  ) =>
    it(`are as the published library converts them: ${name}`, () => {
      const ours = { ...published, ...evmBytes } as typeof published;
      const agree = fc.property(values, (given) => {
        const expected = outcome(() => ask(published, given));
        assert.deepEqual(
          outcome(() => ask(ours, given)),
          expected,
        );
      });
      fc.assert(agree, { numRuns: 2_000 });
    });

  const lengths = fc.tuple(bytes, length, fc.boolean());
  same("setLengthLeft", lengths, (all, [value, size, allowTruncate]) =>
    all.setLengthLeft(value, size, { allowTruncate }),
  );
  same("setLengthRight", lengths, (all, [value, size, allowTruncate]) =>
    all.setLengthRight(value, size, { allowTruncate }),
  );
  same("bigIntToBytes", fc.tuple(number, isLittle), (all, [value, little]) =>
    all.bigIntToBytes(value, little),
  );
  same("bytesToBigInt", fc.tuple(bytes, isLittle), (all, [value, little]) =>
    all.bytesToBigInt(value, little),
  );
  const hex = fc.string({ unit: fc.constantFrom(..."0x0123456789abcdefABCDEFgz\n"), maxLength: 9 });
  const text = fc.oneof(
    hex,
    hex.map((rest) => `0x${rest}`),
  );
  same("stripHexPrefix", text, (all, value) => all.stripHexPrefix(value));

  it("are plain arrays of their own: what is written to one shows in no other", () => {
    const [one, other] = [evmBytes.bigIntToBytes(2n ** 200n), evmBytes.bigIntToBytes(2n ** 200n)];
    assert.equal(one.buffer.byteLength, one.length);
    assert.equal(one.constructor, Uint8Array);
    one.fill(9);
    assert.notDeepEqual(one, other);
  });
});

function outcome(ask: () => unknown): unknown {
  try {
    return ask();
  } catch {
    return "refused";
  }
}
