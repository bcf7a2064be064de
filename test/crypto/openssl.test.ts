import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { der, derTag } from "@gridledger/protocol/crypto/der";
import { derFromRaw, rawFromDer } from "@gridledger/protocol/crypto/der-signature";
import { p256Curve } from "@gridledger/protocol/crypto/ec-curves";
import { portableSm2Encryption } from "@gridledger/protocol/crypto/portable/sm2-encryption";
import { Sm2Point } from "@gridledger/protocol/crypto/portable/sm2-point";
import { sm2KeyFormat } from "@gridledger/protocol/crypto/sm2-curve";
import { suiteByName } from "@gridledger/protocol/crypto/suites";

const program = "openssl";
const version = spawnSync(program, ["version"], { encoding: "utf8" });
const skip = version.status === 0 ? false : "left out: there is no openssl program here";
const folder = mkdtempSync(join(tmpdir(), "gridledger-openssl-"));
after(() => rmSync(folder, { recursive: true, force: true }));

const file = (name: string) => join(folder, name);
const openssl = (...args: string[]) => execFileSync(program, args, { stdio: "pipe" });
const message = Buffer.from("1-0:1.8.0*255(000123.456*kWh)");

const curves = {
  international: { openssl: "prime256v1", options: ["-digest", "sha256"] },
  sm: {
    openssl: "SM2",
    options: ["-digest", "sm3", "-pkeyopt", "distid:1234567812345678"],
  },
} as const;

for (const name of ["international", "sm"] as const) {
  const suite = suiteByName(name);
  const curve = curves[name];

  test(`${name}: OpenSSL makes a key and signs, the suite takes the key and verifies`, {
    skip,
  }, () => {
    const [key, data, out] = ["key.pem", "data", "signature"].map((part) =>
      file(`${name}-1-${part}`),
    );
    openssl(
      "genpkey",
      "-algorithm",
      "EC",
      "-pkeyopt",
      `ec_paramgen_curve:${curve.openssl}`,
      "-out",
      key!,
    );
    writeFileSync(data!, message);
    openssl(
      "pkeyutl",
      "-sign",
      "-rawin",
      ...curve.options,
      "-inkey",
      key!,
      "-in",
      data!,
      "-out",
      out!,
    );
    const signer = suite.signer(
      openssl("pkcs8", "-topk8", "-nocrypt", "-in", key!, "-outform", "DER"),
    );
    const raw = Buffer.from(rawFromDer(readFileSync(out!)));
    if (name === "international") {
      // OpenSSL does not choose the low s; this network does.
      const s = BigInt(`0x${raw.toString("hex", 32)}`);
      const low = s > p256Curve.order / 2n ? p256Curve.order - s : s;
      raw.write(low.toString(16).padStart(64, "0"), 32, "hex");
    }
    assert.ok(suite.verify(signer.publicKey, message, raw));
    assert.ok(!suite.verify(signer.publicKey, Buffer.from("another"), raw));
  });

  test(`${name}: the suite makes a key and signs, OpenSSL takes the key and verifies`, {
    skip,
  }, () => {
    const [key, data, out] = ["key.der", "data", "signature"].map((part) =>
      file(`${name}-2-${part}`),
    );
    const pkcs8 = suite.generateKey();
    writeFileSync(key!, pkcs8);
    writeFileSync(data!, message);
    writeFileSync(out!, derFromRaw(suite.signer(pkcs8).sign(message)));
    const verify = [
      "pkeyutl",
      "-verify",
      "-rawin",
      ...curve.options,
      "-keyform",
      "DER",
      "-inkey",
      key!,
    ];
    assert.match(
      openssl(...verify, "-in", data!, "-sigfile", out!).toString(),
      /Verified Successfully/,
    );
    writeFileSync(data!, "another");
    assert.throws(() => openssl(...verify, "-in", data!, "-sigfile", out!));
  });
}

test("sm: what the suite encrypts OpenSSL decrypts, and the other way round", { skip }, () => {
  const secret = sm2KeyFormat.generateSecret();
  const [key, publicPem, plain, sealed] = ["key.der", "public.pem", "plain", "sealed"].map((part) =>
    file(`sm-3-${part}`),
  );
  writeFileSync(key!, sm2KeyFormat.encode(secret));
  writeFileSync(plain!, message);
  openssl("pkey", "-inform", "DER", "-in", key!, "-pubout", "-out", publicPem!);

  openssl("pkeyutl", "-encrypt", "-pubin", "-inkey", publicPem!, "-in", plain!, "-out", sealed!);
  assert.deepEqual(
    Buffer.from(portableSm2Encryption.decrypt(secret, c1c3c2FromDer(readFileSync(sealed!)))),
    message,
  );

  const publicKey = portableSm2Encryption.publicKey(secret);
  writeFileSync(sealed!, derFromC1c3c2(portableSm2Encryption.encrypt(publicKey, message)));
  const opened = openssl("pkeyutl", "-decrypt", "-keyform", "DER", "-inkey", key!, "-in", sealed!);
  assert.deepEqual(opened, message);
});

/** GM/T 0009 §7.2: SEQUENCE { x, y INTEGER, C3, C2 OCTET STRING }, for lengths below 128. */
function c1c3c2FromDer(encoded: Uint8Array): Uint8Array {
  const parts: Buffer[] = [];
  const skipHead = encoded[1]! < 0x80 ? 2 : 3;
  for (let at = skipHead; at < encoded.length; ) {
    const length = encoded[at + 1]!;
    parts.push(Buffer.from(encoded.subarray(at + 2, at + 2 + length)));
    at += 2 + length;
  }
  const [x, y] = parts
    .slice(0, 2)
    .map((number) => number.toString("hex").replace(/^00/, "").padStart(64, "0"));
  const point = Sm2Point.fromHex(`04${x}${y}`).toBytes(false);
  return Buffer.concat([point, parts[2]!, parts[3]!]);
}

function derFromC1c3c2(ciphertext: Uint8Array): Uint8Array {
  // The two INTEGERs are written as in a signature.
  const [point, rest] = [ciphertext.subarray(1, 65), ciphertext.subarray(65)];
  const numbers = derFromRaw(point).subarray(2);
  const c3 = der(derTag.octetString, rest.subarray(0, 32));
  return der(derTag.sequence, numbers, c3, der(derTag.octetString, rest.subarray(32)));
}
