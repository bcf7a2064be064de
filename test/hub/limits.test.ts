import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { LoginGuard } from "@gridledger/protocol/access/login-guard";
import { checkPassword } from "@gridledger/protocol/access/password-rules";
import { TokenBuckets } from "@gridledger/protocol/access/token-buckets";
import { formatHex } from "@gridledger/protocol/hex";
import { BodyCache } from "../../hub/src/index/follow/body-cache.ts";

describe("what strangers can fill is bounded", () => {
  test("the body cache forgets the oldest above its bytes", () => {
    const cache = new BodyCache(10_000);
    const hashOf = (i: number) => Buffer.from(i.toString(16).padStart(64, "0"), "hex");
    for (let i = 0; i < 1_000; i++) cache.add(hashOf(i), new Uint8Array(100));
    assert.ok(cache.bytes <= 10_000);
    assert.equal(cache.get(hashOf(0)), undefined);
    assert.equal(cache.get(hashOf(999))?.length, 100);
    assert.equal(cache.add(hashOf(999), new Uint8Array(100)), false);
    assert.equal(formatHex(hashOf(255)).slice(-2), "ff");
  });

  test("a bucket lets a burst through, then its rate", () => {
    let now = 0;
    const buckets = new TokenBuckets(() => now, { burst: 3, perSecond: 2 });
    for (let i = 0; i < 3; i++) buckets.take("a");
    assert.throws(() => buckets.take("a"), { code: "RATE_LIMITED" });
    buckets.take("b");
    now = 500;
    buckets.take("a");
    assert.throws(() => buckets.take("a"), { code: "RATE_LIMITED" });
  });

  test("locks double up to their cap and a success ends them", () => {
    let now = 0;
    const guard = new LoginGuard(() => now, { freeFailures: 1, maxLockMs: 4_000 });
    const waits: number[] = [];
    for (let i = 0; i < 6; i++) {
      guard.failed("a");
      let waitMs = 0;
      for (;;) {
        try {
          guard.check("a");
          break;
        } catch {
          now += 500;
          waitMs += 500;
        }
      }
      waits.push(waitMs);
    }
    assert.deepEqual(waits, [0, 1_000, 2_000, 4_000, 4_000, 4_000]);
    guard.succeeded("a");
    guard.failed("a");
    guard.check("a");
  });
});

describe("passwords", () => {
  for (const password of [
    ...["short", "aaaaaaaaaaaa", "abababababab", "123456789012", "abcdefghijkl", "password1234"],
    ...["Password!!!!", "qwertyqwerty", "operator2026!", "gridledger123", "P@ssw0rd12345"],
  ]) {
    test(`"${password}" is too weak`, () => {
      assert.throws(() => checkPassword("operator", password), { code: "PASSWORD_WEAK" });
    });
  }
  for (const password of ["correct horse battery", "tKq83!vLm0#zX", "电表与网关的长口令要安全"]) {
    test(`"${password}" is taken`, () => {
      checkPassword("operator", password);
    });
  }
});
