import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { test } from "node:test";
import { suiteByName } from "@gridledger/protocol/crypto/suites";
import { equalBytes } from "@gridledger/protocol/hex";
import { certificateFingerprint, parseCertificate } from "@gridledger/protocol/pki/certificate";
import { issueCertificate, issueRoot } from "@gridledger/protocol/pki/issue-certificate";
import { formatName } from "@gridledger/protocol/pki/names";
import { decodeOid, encodeOid, oid } from "@gridledger/protocol/pki/oids";
import { encodePublicKey, keyIdentifier } from "@gridledger/protocol/pki/public-key";
import { Consortium, coded, DAY_MS, newActor, START_MS, suiteNames } from "./consortium.ts";

for (const name of suiteNames) {
  const consortium = new Consortium(name);

  test(`${name}: a device's certificate carries what was asked for`, () => {
    const { device, authority, deviceActor } = consortium;
    assert.ok(!device.isAuthority);
    assert.deepEqual([...device.keyUsage], ["digitalSignature", "contentCommitment"]);
    assert.equal(device.subjectRole?.role, "device");
    assert.deepEqual(
      [...(device.subjectRole?.attributes ?? [])],
      [
        ["feeder", "10kV-3"],
        ["meter", "000123456789"],
      ],
    );
    assert.equal(
      formatName(device.subject),
      "serialNumber=GW-0007,CN=网关 gateway-7,OU=device,O=China Southern Grid,C=CN",
    );
    assert.deepEqual(device.key.publicKey, Uint8Array.from(deviceActor.signer.publicKey));
    assert.ok(equalBytes(device.subjectKeyId!, keyIdentifier(device.key)));
    assert.ok(equalBytes(device.authorityKeyId!, authority.subjectKeyId!));
    assert.equal(device.crlUri, "http://hub.example/crl/csg.crl");
    assert.equal(device.serial.length, 32);
    assert.equal(device.notAfterMs, START_MS + 365 * DAY_MS);
  });

  test(`${name}: Node's own X.509 parser reads the same things`, () => {
    const { device, deviceActor } = consortium;
    const other = new X509Certificate(device.encoded);
    assert.equal(other.serialNumber.toLowerCase(), device.serial);
    assert.equal(Date.parse(other.validTo), device.notAfterMs);
    assert.ok(other.subject.includes("OU=device"));
    const spki = other.publicKey.export({ format: "der", type: "spki" });
    assert.deepEqual(spki, Buffer.from(encodePublicKey(device.key)));
    assert.equal(deviceActor.signer.publicKey.length, 33);
  });

  test(`${name}: the same fields give the same signed part`, () => {
    const fields = consortium.fields();
    const [a, b] = [1, 2].map(() => issueCertificate(consortium.issuer, fields));
    assert.deepEqual(a!.signedPart, b!.signedPart);
    assert.deepEqual(certificateFingerprint(a!), certificateFingerprint(b!));
    assert.deepEqual(parseCertificate(a!.encoded), a);
  });

  test(`${name}: encryption keys get a certificate that signs nothing`, () => {
    const publicKey = consortium.suite.opener(consortium.suite.generateSealingKey()).publicKey;
    const certificate = consortium.issue({ publicKey, profile: { kind: "encryption" } });
    assert.ok(certificate.keyUsage.has("keyAgreement"));
    assert.equal(certificate.keyUsage.has("keyEncipherment"), name === "sm");
    assert.ok(!certificate.keyUsage.has("digitalSignature"));
  });

  test(`${name}: a TLS certificate names hosts and addresses`, () => {
    const { issuer, deviceActor } = consortium;
    const certificate = issueCertificate(issuer, {
      ...consortium.fields(),
      subject: { organisation: "China Southern Grid", commonName: "hub" },
      publicKey: deviceActor.signer.publicKey,
      profile: { kind: "tls" },
      altNames: {
        dns: ["hub.example", "*.apps.example"],
        ip: ["192.168.1.9", "fd00::1", "::", "2001:db8::ff:0:1"],
      },
    });
    assert.deepEqual(certificate.altNames, {
      dns: ["hub.example", "*.apps.example"],
      ip: ["192.168.1.9", "fd00::1", "::", "2001:db8::ff:0:1"],
    });
    const other = new X509Certificate(certificate.encoded);
    assert.ok(other.subjectAltName?.includes("IP Address:192.168.1.9"));
    assert.ok(other.checkHost("hub.example"));
    assert.ok(other.checkIP("fd00::1"));
  });
}

test("no number of an OID is above 31 bits: Go and some JavaScript code refuse larger ones", () => {
  const arcs = Object.values(oid).flatMap((text) => text.split(".").map(Number));
  assert.ok(Math.max(...arcs) < 2 ** 31);
  for (const text of Object.values(oid)) assert.equal(decodeOid(encodeOid(text)), text);
});

test("what a verifier would refuse is not signed", () => {
  const consortium = new Consortium("international");
  const refuses = (change: Parameters<Consortium["issue"]>[0], why: RegExp) =>
    assert.throws(
      () => consortium.issue(change),
      (thrown: Error) => coded("CERTIFICATE_FIELDS")(thrown) && why.test(thrown.message),
    );
  refuses({ serialRandom: new Uint8Array(8) }, /serial/);
  refuses({ serialRandom: new Uint8Array(21) }, /serial/);
  refuses({ subject: { organisation: "Another Grid" } }, /own members/);
  refuses({ subject: { commonName: "" } }, /CN/);
  refuses({ subject: { commonName: "a\u0000b" } }, /CN/);
  refuses({ subject: { commonName: "evil\u202Emoc" } }, /CN/);
  refuses({ subject: { commonName: "x".repeat(65) } }, /CN/);
  refuses({ subject: { commonName: "Andre\u0301" } }, /CN/);
  refuses({ subject: { country: "cn" } }, /C/);
  refuses({ subject: { attributes: new Map([["Bad Name", "x"]]) } }, /attributes/);
  refuses({ subject: { attributes: new Map([["a", ""]]) } }, /attributes/);
  refuses({ notAfterMs: START_MS + 11 * 365 * DAY_MS }, /within/);
  refuses({ notBeforeMs: START_MS - 1 }, /within/);
  refuses({ notBeforeMs: Number.NaN }, /begins/);
  refuses({ publicKey: consortium.authorityActor.signer.publicKey }, /own key/);
  refuses({ profile: { kind: "authority" } }, /role/);
  refuses({ crlUri: "file:///etc/passwd" }, /http/);
  refuses({ altNames: { dns: ["bad host"], ip: [] } }, /host/);
  refuses({ altNames: { dns: [], ip: ["1.2.3.256"] } }, /IP/);
  refuses({ altNames: { dns: [], ip: ["1::2::3"] } }, /IP/);
  refuses({ altNames: { dns: [], ip: [] } }, /host/);
  const { role: _role, ...roleless } = consortium.fields().subject;
  for (const [subject, why] of [
    [roleless, /beside a role/],
    [{ organisation: "China Southern Grid", commonName: "x" }, /names its role/],
  ] as const) {
    const fields = { ...consortium.fields(), subject };
    assert.throws(() => issueCertificate(consortium.issuer, fields), why);
  }
  const offCurve = Buffer.concat([Buffer.of(2), Buffer.alloc(32, 0xff)]);
  assert.throws(() => consortium.issue({ publicKey: offCurve }), coded("KEY_INVALID"));
  assert.throws(() => consortium.issue({ publicKey: new Uint8Array(65) }), coded("KEY_INVALID"));
});

test("an issuing authority may not make authorities below it, nor sign with another key", () => {
  const consortium = new Consortium("sm");
  const { issuer, rootActor, deviceActor } = consortium;
  const fields = {
    ...consortium.fields(),
    subject: { organisation: "China Southern Grid", commonName: "Sub CA" },
    profile: { kind: "authority" } as const,
  };
  assert.throws(() => issueCertificate(issuer, fields), coded("CERTIFICATE_FIELDS"));
  const wrongKey = { ...issuer, signer: rootActor.signer };
  const notAuthority = { ...issuer, signer: deviceActor.signer, certificate: consortium.device };
  for (const wrong of [wrongKey, notAuthority]) {
    assert.throws(() => issueCertificate(wrong, consortium.fields()), coded("CERTIFICATE_FIELDS"));
  }
});

test("a root signs with its own key and is an authority", () => {
  const suite = suiteByName("international");
  const [one, two] = [newActor(suite), newActor(suite)];
  const consortium = new Consortium("international");
  const fields = consortium.fields({ publicKey: one.signer.publicKey });
  assert.throws(() => issueRoot(suite, one.signer, fields), coded("CERTIFICATE_FIELDS"));
  assert.throws(() => issueRoot(suite, two.signer, fields), coded("CERTIFICATE_FIELDS"));
});
