import assert from "node:assert/strict";
import { test } from "node:test";
import { identityFromCertificate } from "../../hub/src/identity/identity-subject.ts";
import { Consortium } from "../pki/consortium.ts";

const unknown = () => undefined;

for (const suite of ["international", "sm"]) {
  test(`${suite}: a certificate's role and attributes are those of its owner at the REST door`, () => {
    const { device } = new Consortium(suite);
    const subject = identityFromCertificate(device, unknown);
    assert.match(subject.name, /^key:[0-9a-f]{20}$/);
    assert.deepEqual(subject.roles, ["member", "device"]);
    assert.equal(subject.attributes.identity, subject.name.slice(4));
    for (const [name, value] of device.subjectRole!.attributes) {
      assert.equal(subject.attributes[name], value);
    }
  });
}

test("a certificate without a role, of a node, or at odds with the ledger opens nothing", () => {
  const { device } = new Consortium("international");
  const attributes = new Map<string, string>();
  const as = (subjectRole: typeof device.subjectRole) => ({ key: device.key, subjectRole });
  assert.throws(() => identityFromCertificate(as(undefined), unknown), {
    code: "CERTIFICATE_ROLE",
  });
  const validator = as({ role: "validator", attributes });
  assert.throws(() => identityFromCertificate(validator, unknown), { code: "FORBIDDEN" });
  const administrator = as({ role: "administrator", attributes });
  assert.throws(() => identityFromCertificate(administrator, () => ({ role: "device" })), {
    code: "CERTIFICATE_ROLE",
  });
});
