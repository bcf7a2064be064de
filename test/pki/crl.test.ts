import assert from "node:assert/strict";
import { test } from "node:test";
import {
  checkCrlNumber,
  findRevocation,
  parseCrl,
  type Revocation,
  verifyCrl,
} from "@gridledger/protocol/pki/crl";
import { issueCrl } from "@gridledger/protocol/pki/issue-crl";
import { Consortium, coded, DAY_MS, NOW_MS, suiteNames } from "./consortium.ts";

for (const name of suiteNames) {
  const consortium = new Consortium(name);
  const { device, authority, root, issuer } = consortium;

  test(`${name}: a CRL tells who is revoked, when and why`, () => {
    const revocation = { revokedAtMs: NOW_MS - DAY_MS, reason: "keyCompromise" } as const;
    const other = { revokedAtMs: NOW_MS - DAY_MS, reason: "unspecified" } as const;
    const revoked = new Map<string, Revocation>([
      [device.serial, revocation],
      ["01", other],
    ]);
    const crl = parseCrl(consortium.crl(issuer, revoked, 7n).encoded);
    verifyCrl(crl, authority);
    assert.equal(crl.number, 7n);
    assert.equal(crl.thisUpdateMs, NOW_MS - DAY_MS);
    assert.deepEqual(findRevocation(crl, device.serial), revocation);
    assert.deepEqual(findRevocation(crl, "01"), other);
    assert.equal(findRevocation(crl, "02"), undefined);
  });

  test(`${name}: the order in which serials were revoked leaves no trace`, () => {
    const entry = { revokedAtMs: NOW_MS, reason: "superseded" } as const;
    const [there, back] = [
      ["0a", "0b", "0102"],
      ["0102", "0b", "0a"],
    ].map((serials) => consortium.crl(issuer, new Map(serials.map((serial) => [serial, entry]))));
    assert.deepEqual(there!.signedPart, back!.signedPart);
  });

  test(`${name}: an empty CRL is a CRL`, () => {
    const crl = consortium.crl();
    verifyCrl(crl, authority);
    assert.equal(crl.revoked.size, 0);
  });

  test(`${name}: only the authority itself signs its CRL`, () => {
    const crl = consortium.crl();
    assert.throws(() => verifyCrl(crl, root), coded("CERTIFICATE_ISSUER_UNKNOWN"));
    const { subject, subjectKeyId } = authority;
    const stolenName = { ...root, subject, subjectKeyId };
    assert.throws(() => verifyCrl(crl, stolenName), coded("SIGNATURE_INVALID"));
    const mute = { ...authority, keyUsage: new Set(["certificateSigning"] as const) };
    assert.throws(() => verifyCrl(crl, mute), coded("CERTIFICATE_USAGE"));
    assert.throws(() => consortium.crl(issuer, new Map(), 0n), coded("CERTIFICATE_FIELDS"));
    const wrongKey = { ...issuer, signer: consortium.rootActor.signer };
    assert.throws(() => consortium.crl(wrongKey), coded("CERTIFICATE_FIELDS"));
  });

  test(`${name}: a CRL that is not newer is refused`, () => {
    const crl = consortium.crl(issuer, new Map(), 5n);
    checkCrlNumber(crl, 4n);
    assert.throws(() => checkCrlNumber(crl, 5n), coded("CRL_NUMBER"));
    assert.throws(() => checkCrlNumber(crl, 1n << 90n), coded("CRL_NUMBER"));
  });
}

test("a CRL of tens of thousands is issued, parsed and searched; a larger one is not signed", () => {
  const { issuer } = new Consortium("international");
  const serial = (index: number) => `4${index.toString(16).padStart(31, "0")}`;
  const entry = { revokedAtMs: NOW_MS, reason: "cessationOfOperation" } as const;
  const issue = (size: number) =>
    issueCrl(issuer, {
      number: 1n,
      thisUpdateMs: NOW_MS,
      nextUpdateMs: NOW_MS + DAY_MS,
      revoked: new Map(Array.from({ length: size }, (_, index) => [serial(index), entry])),
    });
  const crl = issue(80_000);
  assert.equal(crl.revoked.size, 80_000);
  assert.ok(findRevocation(crl, serial(79_999)));
  assert.throws(() => issue(100_000), coded("PKI_LIMIT"));
});
