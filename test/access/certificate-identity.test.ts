import assert from "node:assert/strict";
import { test } from "node:test";
import { verifyChain } from "@gridledger/protocol/pki/chain";
import type { CertificateRole } from "@gridledger/protocol/pki/role-table";
import { identityFromCertificate } from "../../hub/src/identity/identity-subject.ts";
import { Consortium } from "../pki/consortium.ts";

const unknown = () => undefined;
const verified = (consortium: Consortium) => ({
  certificate: verifyChain(consortium.chain()),
  identity: undefined,
});

for (const suite of ["international", "sm"]) {
  test(`${suite}: a certificate's role and attributes are those of its owner at the REST door`, () => {
    const consortium = new Consortium(suite);
    const subject = identityFromCertificate(verified(consortium), unknown);
    assert.match(subject.name, /^key:[0-9a-f]{20}$/);
    assert.deepEqual(subject.roles, ["member", "device"]);
    assert.equal(subject.attributes.identity, subject.name.slice(4));
    for (const [name, value] of consortium.device.subjectRole!.attributes) {
      assert.equal(subject.attributes[name], value);
    }
  });
}

test("a certificate without a role, of a node, or at odds with the ledger opens nothing", () => {
  const { certificate } = verified(new Consortium("international"));
  const as = (role: CertificateRole | undefined) => ({
    ...{ certificate: { ...certificate, role }, identity: undefined },
  });
  assert.throws(() => identityFromCertificate(as(undefined), unknown), {
    code: "CERTIFICATE_ROLE",
  });
  assert.throws(() => identityFromCertificate(as("validator"), unknown), { code: "FORBIDDEN" });
  assert.throws(() => identityFromCertificate(as("administrator"), () => ({ role: "device" })), {
    code: "CERTIFICATE_ROLE",
  });
  const standing = { isRevoked: true, reason: "keyCompromise", height: 7 } as const;
  assert.throws(() => identityFromCertificate(as("device"), () => ({ role: "device", standing })), {
    code: "IDENTITY_REVOKED",
  });
});

test("a transport certificate for an identity that the ledger does not know opens nothing", () => {
  const { certificate } = verified(new Consortium("international"));
  const identity = "0123456789abcdef0123";
  const attributes = new Map([["identity", identity]]);
  const client = { identity, certificate: { ...certificate, attributes } };
  assert.throws(() => identityFromCertificate(client, unknown), {
    code: "TLS_CERTIFICATE_IDENTITY",
  });
  const subject = identityFromCertificate(client, () => ({ role: "device" }));
  assert.equal(subject.name, `key:${identity}`);
});
