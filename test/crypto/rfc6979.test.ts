import assert from "node:assert/strict";
import { test } from "node:test";
import { p256Curve } from "@gridledger/protocol/crypto/ec-curves";
import { nativeEcdsa } from "@gridledger/protocol/crypto/native/ecdsa";
import { portableEcdsa } from "@gridledger/protocol/crypto/portable/ecdsa";
import { p256 } from "@noble/curves/nist.js";
import { hex, readVectors } from "./vectors.ts";

interface CurveVectors {
  readonly curve: string;
  readonly private: string;
  readonly Ux: string;
  readonly Uy: string;
  readonly cases: readonly { hash: string; message: string; r: string; s: string }[];
}

const curves = readVectors<readonly CurveVectors[]>("rfc6979/vectors.json.gz");

test("RFC 6979 A.2.5, P-256 with SHA-256: the portable provider signs both messages as printed, s made low", () => {
  const vectors = curves.find(({ curve }) => curve === "NIST P-256")!;
  const cases = vectors.cases.filter(({ hash }) => hash === "SHA-256");
  assert.equal(cases.length, 2);
  const secret = hex(vectors.private.padStart(64, "0"));
  const native = nativeEcdsa(p256Curve);
  const signer = portableEcdsa(p256).signer(secret);
  assert.equal(Buffer.from(signer.publicKey).toString("hex").slice(2), vectors.Ux.toLowerCase());
  assert.deepEqual(Buffer.from(native.signer(secret).publicKey), Buffer.from(signer.publicKey));
  for (const { message, r, s } of cases) {
    const printed = BigInt(`0x${s}`);
    const low = printed > p256Curve.order / 2n ? p256Curve.order - printed : printed;
    const expected = r.toLowerCase() + low.toString(16).padStart(64, "0");
    const signature = signer.sign(Buffer.from(message));
    assert.equal(Buffer.from(signature).toString("hex"), expected);
    assert.ok(native.verify(signer.publicKey, Buffer.from(message), signature));
  }
});
