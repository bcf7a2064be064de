import assert from "node:assert/strict";
import { test } from "node:test";
import type { FaultCode } from "@gridledger/protocol/faults";
import { equalBytes } from "@gridledger/protocol/hex";
import { roles } from "@gridledger/protocol/ledger/roles";
import type { Certificate } from "@gridledger/protocol/pki/certificate";
import { type ChainInput, verifyChain } from "@gridledger/protocol/pki/chain";
import type { Revocation } from "@gridledger/protocol/pki/crl";
import { issueCertificate, issueRoot } from "@gridledger/protocol/pki/issue-certificate";
import { revocationKey } from "@gridledger/protocol/pki/revocation";
import { restRole, roleTable } from "@gridledger/protocol/pki/role-table";
import {
  authorityFields,
  Consortium,
  coded,
  DAY_MS,
  NOW_MS,
  newActor,
  suiteNames,
} from "./consortium.ts";

const revokes = (certificate: Certificate): ReadonlyMap<string, Revocation> =>
  new Map([[certificate.serial, { revokedAtMs: NOW_MS - 2 * DAY_MS, reason: "keyCompromise" }]]);

for (const name of suiteNames) {
  const consortium = new Consortium(name);
  const { authority, device, issuer, rootIssuer, suite } = consortium;
  const refuses = (code: FaultCode, change: Partial<ChainInput>) =>
    assert.throws(() => verifyChain(consortium.chain(change)), coded(code));

  test(`${name}: a good chain says who it is`, () => {
    const identity = verifyChain(consortium.chain({ suite }));
    assert.equal(identity.role, "device");
    assert.equal(identity.organisation, "China Southern Grid");
    assert.equal(identity.attributes.get("meter"), "000123456789");
    assert.equal(identity.serial, device.serial);
    assert.equal(identity.revocation, "good");
    assert.ok(equalBytes(identity.publicKey, consortium.deviceActor.signer.publicKey));
  });

  test(`${name}: a certificate is valid from its first to its last second`, () => {
    const always = { withoutCrl: "flag" } as const;
    for (const atMs of [device.notBeforeMs, device.notAfterMs + 999]) {
      verifyChain(consortium.chain({ atMs, ...always }));
    }
    refuses("CERTIFICATE_NOT_YET_VALID", { atMs: device.notBeforeMs - 1 });
    refuses("CERTIFICATE_EXPIRED", { atMs: device.notAfterMs + 1000 });
    refuses("CERTIFICATE_EXPIRED", { atMs: authority.notAfterMs + 1000 });
    refuses("CERTIFICATE_NOT_YET_VALID", { atMs: Number.NaN });
  });

  test(`${name}: a certificate serves only what it was issued for`, () => {
    verifyChain(consortium.chain({ usage: "tlsClient" }));
    refuses("CERTIFICATE_USAGE", { usage: "encryption" });
    refuses("CERTIFICATE_USAGE", { usage: "tlsServer" });
    refuses("CERTIFICATE_USAGE", { usage: "authority" });
    refuses("CERTIFICATE_USAGE", { certificate: authority });
    const encryption = consortium.issue({ profile: { kind: "encryption" } });
    verifyChain(consortium.chain({ certificate: encryption, usage: "encryption" }));
    refuses("CERTIFICATE_USAGE", { certificate: encryption });
    const tls = consortium.issue({ profile: { kind: "tls" } });
    verifyChain(consortium.chain({ certificate: tls, usage: "tlsServer" }));
    refuses("CERTIFICATE_USAGE", { certificate: tls });
    refuses("CERTIFICATE_USAGE", { certificate: tls, usage: "tlsClient" });
    verifyChain(consortium.chain({ certificate: authority, usage: "authority" }));
  });

  test(`${name}: an authority for one purpose gives no other, and whoever acts has a role`, () => {
    const limited = { ...authority, extendedUsage: ["1.3.6.1.5.5.7.3.1"] };
    refuses("CERTIFICATE_USAGE", { intermediates: [limited] });
    const nobody = issueCertificate(issuer, {
      ...consortium.fields(),
      subject: { organisation: "China Southern Grid", commonName: "hub" },
      profile: { kind: "tls", tlsClient: true },
    });
    assert.equal(
      verifyChain(consortium.chain({ certificate: nobody, usage: "tlsServer" })).role,
      undefined,
    );
    refuses("CERTIFICATE_ROLE", { certificate: nobody, usage: "tlsClient" });
  });

  test(`${name}: a chain that does not reach a trusted root is refused`, () => {
    refuses("CERTIFICATE_ISSUER_UNKNOWN", { intermediates: [] });
    refuses("CERTIFICATE_ISSUER_UNKNOWN", { roots: [] });
    refuses("CERTIFICATE_ISSUER_UNKNOWN", { roots: [new Consortium(name).root] });
  });

  test(`${name}: a forged authority of the same name and key identifier is refused`, () => {
    const forger = newActor(suite);
    const fields = authorityFields(forger, "China Southern Grid", 10);
    const forgedRoot = issueRoot(suite, forger.signer, fields);
    const forgedIssuer = {
      suite,
      signer: forger.signer,
      certificate: { ...forgedRoot, subjectKeyId: authority.subjectKeyId },
    };
    const forged = issueCertificate(forgedIssuer, consortium.fields());
    refuses("SIGNATURE_INVALID", { certificate: forged });
    // Beside the real one it does no harm.
    const look = { ...authority, signature: authority.signature.toReversed() };
    verifyChain(consortium.chain({ intermediates: [look, authority] }));
  });

  test(`${name}: revoked, by its own issuer or above it`, () => {
    const [rootCrl, good] = [consortium.crl(rootIssuer), consortium.crl()];
    const bad = consortium.crl(issuer, revokes(device), 2n);
    refuses("CERTIFICATE_REVOKED", { crls: [rootCrl, good, bad] });
    refuses("CERTIFICATE_REVOKED", { crls: [rootCrl, bad, good] });
    refuses("CERTIFICATE_REVOKED", {
      crls: [consortium.crl(rootIssuer, revokes(authority)), good],
    });
    // Also where nothing else is known, and long after the CRL.
    refuses("CERTIFICATE_REVOKED", { crls: [bad], atMs: NOW_MS + 9 * DAY_MS, withoutCrl: "flag" });
    // Released from a hold by a newer CRL.
    verifyChain(consortium.chain({ crls: [rootCrl, bad, consortium.crl(issuer, new Map(), 3n)] }));
    const onChain = Buffer.from(revocationKey(authority));
    refuses("CERTIFICATE_REVOKED", { isRevokedOnChain: (key) => onChain.equals(key) });
  });

  test(`${name}: without a current CRL nobody is cleared`, () => {
    const rootCrl = consortium.crl(rootIssuer);
    refuses("CRL_MISSING", { crls: [] });
    refuses("CRL_MISSING", { crls: [rootCrl] });
    refuses("CRL_STALE", { atMs: NOW_MS + DAY_MS + 1 });
    refuses("CRL_STALE", { atMs: NOW_MS - DAY_MS - 1 });
    verifyChain(consortium.chain({ atMs: NOW_MS + 2 * DAY_MS, crlGraceMs: DAY_MS }));
    refuses("CRL_STALE", { atMs: NOW_MS + 2 * DAY_MS + 1, crlGraceMs: DAY_MS });
    const flagged = verifyChain(consortium.chain({ crls: [rootCrl], withoutCrl: "flag" }));
    assert.equal(flagged.revocation, "unknown");
    // A CRL with a bad signature is no CRL.
    const forged = { ...consortium.crl(), signature: new Uint8Array(64).fill(1) };
    refuses("CRL_MISSING", { crls: [rootCrl, forged] });
  });

  test(`${name}: loops, long chains and paths through no authority are refused`, () => {
    const [one, two] = [newActor(suite), newActor(suite)];
    const looping = (name: string, actor: typeof one, above: string, key: typeof one) => {
      const certificate = issueRoot(suite, key.signer, authorityFields(key, above, 10));
      return issueCertificate(
        { suite, signer: key.signer, certificate: { ...certificate, maxPathLength: undefined } },
        { ...authorityFields(actor, name, 10), profile: { kind: "authority" } },
      );
    };
    const [a, b] = [looping("A", one, "B", two), looping("B", two, "A", one)];
    const loopIssuer = { suite, signer: one.signer, certificate: a };
    const leaf = issueCertificate(
      loopIssuer,
      consortium.fields({ subject: { organisation: "A" } }),
    );
    refuses("CERTIFICATE_PATH", { certificate: leaf, intermediates: [a, b] });

    const below = {
      suite,
      signer: consortium.deviceActor.signer,
      certificate: { ...device, isAuthority: true },
    };
    const child = issueCertificate(below, consortium.fields({ publicKey: one.signer.publicKey }));
    refuses("CERTIFICATE_PATH", { certificate: child, intermediates: [device, authority] });
    const lax = { ...authority, maxPathLength: undefined };
    assert.throws(
      () =>
        verifyChain(
          consortium.chain({ certificate: child, intermediates: [device], roots: [lax] }),
        ),
      /no authority/,
    );
    refuses("PKI_LIMIT", { intermediates: Array(17).fill(authority) as Certificate[] });
  });

  test(`${name}: path length is counted from every authority`, () => {
    const [actor] = [newActor(suite)];
    const lax = { ...issuer, certificate: { ...authority, maxPathLength: undefined } };
    const sub = issueCertificate(lax, {
      ...authorityFields(actor, "China Southern Grid", 9),
      subject: { organisation: "China Southern Grid", commonName: "Sub CA" },
    });
    const subIssuer = { suite, signer: actor.signer, certificate: sub };
    const leaf = issueCertificate(subIssuer, consortium.fields());
    refuses("CERTIFICATE_PATH", { certificate: leaf, intermediates: [sub, authority] });
  });

  test(`${name}: an organisation cannot certify another's people`, () => {
    const lax = {
      ...issuer,
      certificate: {
        ...authority,
        subject: { ...authority.subject, parts: [{ type: "O", value: "Other" }] },
      },
    };
    const stranger = issueCertificate(
      lax,
      consortium.fields({ subject: { organisation: "Other" } }),
    );
    refuses("CERTIFICATE_NAME", { certificate: stranger });
  });

  test(`${name}: a crowd of look-alike authorities does not make it slow`, () => {
    const alike = Array.from({ length: 16 }, () => {
      const actor = newActor(suite);
      const made = issueRoot(
        suite,
        actor.signer,
        authorityFields(actor, "China Southern Grid", 10),
      );
      const { subjectKeyId, authorityKeyId } = {
        ...authority,
        authorityKeyId: authority.subjectKeyId,
      };
      return { ...made, subjectKeyId, authorityKeyId };
    });
    const start = performance.now();
    refuses("CERTIFICATE_PATH", { intermediates: alike });
    assert.ok(performance.now() - start < 500);
  });
}

test("a chain is of one suite, and of the link's", () => {
  const [p256, sm2] = [new Consortium("international"), new Consortium("sm")];
  assert.throws(() => verifyChain(p256.chain({ suite: sm2.suite })), coded("PKI_ALGORITHM"));
  const mixed = { ...p256.device, key: sm2.device.key };
  assert.throws(() => verifyChain(p256.chain({ certificate: mixed })), coded("PKI_ALGORITHM"));
});

test("every role at the doors comes from the one table", () => {
  const ledger = Object.values(roleTable).flatMap((row) => (row.ledger ? [row.ledger] : []));
  assert.deepEqual(ledger.toSorted(), Object.keys(roles).toSorted());
  const rest = Object.values(roleTable).flatMap((row) => (row.rest ? [row.rest] : []));
  assert.deepEqual(
    rest.toSorted(),
    "administrator application auditor custodian device operator supervisor".split(" "),
  );
  assert.equal(restRole("validator"), undefined);
});
