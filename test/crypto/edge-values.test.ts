import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { p256Curve, secp256k1Curve } from "@gridledger/protocol/crypto/ec-curves";
import { nativeEcdh } from "@gridledger/protocol/crypto/native/agreement";
import { nativeEcdsa } from "@gridledger/protocol/crypto/native/ecdsa";
import { nativeSm2 } from "@gridledger/protocol/crypto/native/sm2";
import { portableEcdh } from "@gridledger/protocol/crypto/portable/agreement";
import { portableEcdsa } from "@gridledger/protocol/crypto/portable/ecdsa";
import { portableSm2 } from "@gridledger/protocol/crypto/portable/sm2";
import { Sm2Point } from "@gridledger/protocol/crypto/portable/sm2-point";
import { portableSm3 } from "@gridledger/protocol/crypto/portable/sm3";
import type { SignatureProvider } from "@gridledger/protocol/crypto/signature";
import { sm2Curve, sm2IdentityInput } from "@gridledger/protocol/crypto/sm2-curve";
import { p256 } from "@noble/curves/nist.js";
import { secp256k1 } from "@noble/curves/secp256k1.js";
import { hex } from "./vectors.ts";

// What the special cases of Wycheproof are about, on every curve and for both providers.

const message = Buffer.from("1-0:1.8.0");
const bytes = (value: bigint) => hex(value.toString(16).padStart(64, "0"));
const number = (data: Uint8Array) => BigInt(`0x${Buffer.from(data).toString("hex")}`);
const modulo = (value: bigint, order: bigint) => ((value % order) + order) % order;

function inverse(value: bigint, order: bigint): bigint {
  let [result, power] = [1n, modulo(value, order)];
  for (let exponent = order - 2n; exponent > 0n; exponent >>= 1n) {
    if (exponent & 1n) result = (result * power) % order;
    power = (power * power) % order;
  }
  return result;
}

const d = 0x1234_5678_9abc_def0n;
const curves = [
  {
    name: "P-256",
    order: p256Curve.order,
    providers: [nativeEcdsa(p256Curve), portableEcdsa(p256)],
  },
  {
    name: "secp256k1",
    order: secp256k1Curve.order,
    providers: [nativeEcdsa(secp256k1Curve), portableEcdsa(secp256k1)],
  },
  { name: "SM2", order: sm2Curve.n, providers: [nativeSm2, portableSm2] },
] as const;

/** r, s such that the point which the verifier computes is the one at infinity. */
function atInfinity(name: string, order: bigint): Uint8Array {
  if (name === "SM2") {
    const r = 7n;
    return Buffer.concat([bytes(r), bytes(modulo(-r * d * inverse(1n + d, order), order))]);
  }
  const e = number(createHash("sha256").update(message).digest());
  return Buffer.concat([bytes(modulo(-e * inverse(d, order), order)), bytes(3n)]);
}

for (const { name, order, providers } of curves) {
  test(`${name}: r and s at the edges of their range are judged alike by both providers, and no edge is a yes`, () => {
    const { publicKey } = providers[0].signer(bytes(d));
    assert.deepEqual(Buffer.from(publicKey), Buffer.from(providers[1].signer(bytes(d)).publicKey));
    const good = providers[0].signer(bytes(d)).sign(message);
    const max = (1n << 256n) - 1n;
    const edges = [0n, 1n, 2n, order / 2n, order / 2n + 1n, order - 1n, order, order + 1n, max];
    const values = [...edges.map(bytes), good.subarray(0, 32), good.subarray(32)];
    for (const r of values) {
      for (const s of values) {
        const signature = Buffer.concat([r, s]);
        const isGood = Buffer.compare(signature, good) === 0;
        for (const provider of providers) {
          assert.equal(
            provider.verify(publicKey, message, signature),
            isGood,
            signature.toString("hex"),
          );
        }
      }
    }
  });

  test(`${name}: a signature that leads to the point at infinity is false, and ends no process`, () => {
    const { publicKey } = providers[0].signer(bytes(d));
    const signature = atInfinity(name, order);
    for (const provider of providers) assert.ok(!provider.verify(publicKey, message, signature));
  });

  test(`${name}: keys 1 and the largest sign, and their signatures verify with the other provider`, () => {
    const largest = name === "SM2" ? order - 2n : order - 1n;
    for (const secret of [1n, 2n, largest]) {
      const signers = providers.map((provider: SignatureProvider) =>
        provider.signer(bytes(secret)),
      );
      for (const [place, signer] of signers.entries()) {
        const signature = signer.sign(message);
        const judge = providers[1 - place]!;
        assert.ok(judge.verify(signer.publicKey, message, signature));
      }
    }
  });
}

test("SM2: the signature of one message under another user ID is not one under ours, whatever the length of the ID", () => {
  const point = Sm2Point.BASE.multiply(d);
  const prefix = sm2IdentityInput(point.toBytes(false)).subarray(18);
  for (const id of ["", "1234567812345679", "ALICE123@YAHOO.COM", "1".repeat(1_000)]) {
    const length = Buffer.alloc(2);
    length.writeUInt16BE(8 * id.length);
    const za = portableSm3(length, Buffer.from(id), prefix);
    const e = number(portableSm3(za, message));
    const k = 0xfedcba98n;
    const r = modulo(e + Sm2Point.BASE.multiply(k).x, sm2Curve.n);
    const s = modulo(inverse(1n + d, sm2Curve.n) * (k - r * d), sm2Curve.n);
    const signature = Buffer.concat([bytes(r), bytes(s)]);
    for (const provider of [nativeSm2, portableSm2]) {
      assert.ok(!provider.verify(point.toBytes(true), message, signature), `"${id}"`);
    }
  }
});

test("ECDH: a secret that meets its own negative, the generator and the largest x agree alike", () => {
  for (const [curve, noble] of [
    [p256Curve, p256],
    [secp256k1Curve, secp256k1],
  ] as const) {
    const providers = [nativeEcdh(curve), portableEcdh(noble)];
    for (const secret of [1n, 2n, curve.order - 1n]) {
      const base = noble.Point.BASE;
      for (const point of [base, base.negate(), base.multiply(curve.order - 2n)]) {
        const answers = providers.map((provider) =>
          Buffer.from(provider.agreer(bytes(secret)).agree(point.toBytes(true))).toString("hex"),
        );
        assert.equal(answers[0], answers[1]);
        assert.equal(number(hex(answers[0]!)), point.multiply(secret).x);
      }
    }
  }
});
