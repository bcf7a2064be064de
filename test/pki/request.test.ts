import assert from "node:assert/strict";
import { test } from "node:test";
import { suiteByName } from "@gridledger/protocol/crypto/suites";
import { equalBytes } from "@gridledger/protocol/hex";
import { formatName } from "@gridledger/protocol/pki/names";
import { formatPem, parsePem } from "@gridledger/protocol/pki/pem";
import { createRequest, verifyRequest } from "@gridledger/protocol/pki/request";
import { coded, newActor, suiteNames } from "./consortium.ts";

const subject = { organisation: "China Southern Grid", role: "device", commonName: "gw" } as const;

for (const name of suiteNames) {
  const suite = suiteByName(name);
  const { signer } = newActor(suite);

  test(`${name}: a request shows who holds the key and carries the one-time code`, () => {
    const encoded = createRequest(suite, signer, {
      subject,
      challengePassword: "7F3K-22QX",
      altNames: { dns: ["gw.example"], ip: ["10.0.0.7"] },
    });
    const request = verifyRequest(encoded);
    assert.equal(formatName(request.subject), "CN=gw,OU=device,O=China Southern Grid");
    assert.equal(request.challengePassword, "7F3K-22QX");
    assert.deepEqual(request.altNames, { dns: ["gw.example"], ip: ["10.0.0.7"] });
    assert.ok(equalBytes(request.key.publicKey, signer.publicKey));
    assert.equal(request.key.algorithm.suite.id, suite.id);
  });

  test(`${name}: neither code nor names are needed`, () => {
    const request = verifyRequest(createRequest(suite, signer, { subject }));
    assert.equal(request.challengePassword, undefined);
    assert.equal(request.altNames, undefined);
  });

  test(`${name}: a request about somebody else's key is refused`, () => {
    const thief = { ...signer, publicKey: newActor(suite).signer.publicKey };
    const encoded = createRequest(suite, thief, { subject });
    assert.throws(() => verifyRequest(encoded), coded("SIGNATURE_INVALID"));
  });

  test(`${name}: too large, cut short or continued is refused`, () => {
    const encoded = createRequest(suite, signer, { subject });
    assert.throws(() => verifyRequest(new Uint8Array(8193)), coded("PKI_LIMIT"));
    const longer = Buffer.concat([encoded, Buffer.of(0)]);
    assert.throws(() => verifyRequest(longer), coded("PKI_MALFORMED"));
    for (let length = 0; length < encoded.length; length++) {
      assert.throws(() => verifyRequest(encoded.subarray(0, length)), coded("PKI_MALFORMED"));
    }
  });
}

test("a one-time code is plain text", () => {
  const suite = suiteByName("international");
  const { signer } = newActor(suite);
  for (const challengePassword of ["", "a\nb", "x".repeat(65)]) {
    const fields = { subject, challengePassword };
    assert.throws(() => createRequest(suite, signer, fields), coded("CERTIFICATE_FIELDS"));
  }
});

test("PEM has OpenSSL's labels and one block after another", () => {
  const blocks = [Buffer.from("first"), Buffer.alloc(100, 7)];
  const text = blocks.map((block) => formatPem("X509 CRL", block)).join("");
  assert.ok(text.startsWith("-----BEGIN X509 CRL-----\n"));
  assert.deepEqual(parsePem("X509 CRL", text.replaceAll("\n", "\r\n")), blocks);
  for (const wrong of [
    "",
    "no pem",
    formatPem("CERTIFICATE", blocks[0]!),
    `${text}tail`,
    `head${text}`,
    text.replace("-----END X509 CRL-----", ""),
    text.replace("Zmly", "Zm!y"),
    text.repeat(9),
  ]) {
    assert.throws(() => parsePem("X509 CRL", wrong), coded("PKI_MALFORMED"));
  }
});
