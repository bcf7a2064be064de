import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { formatPem } from "@gridledger/protocol/pki/pem";
import { ClientCertificates } from "../../hub/src/tls/client-certificates.ts";
import { TlsWatch } from "../../hub/src/tls/tls-files.ts";
import { Consortium, coded, NOW_MS } from "../pki/consortium.ts";

test("authorities that change are taken without a restart; files that are half written wait", (context) => {
  const folder = mkdtempSync(join(tmpdir(), "gl-tls-"));
  context.after(() => rmSync(folder, { recursive: true }));
  const file = (name: string, text: string) => {
    writeFileSync(join(folder, name), text, { mode: 0o600 });
    return join(folder, name);
  };
  const [old, next] = [new Consortium("international"), new Consortium("international")];
  const pem = ({ root, authority }: Consortium) =>
    [authority, root].map(({ encoded }) => formatPem("CERTIFICATE", encoded)).join("");
  const files = {
    certificate: file("hub.crt", "certificate"),
    key: file("hub.key", "key"),
    authorities: file("authorities.crt", pem(old)),
  };
  const { hash } = old.suite;
  const deps = { hash, now: () => NOW_MS, isRevoked: () => false };
  const clients = new ClientCertificates(deps, pem(old));
  const show = ({ device, authority }: Consortium) =>
    clients.check({
      getPeerX509Certificate: () =>
        ({ raw: device.encoded, issuerCertificate: { raw: authority.encoded } }) as never,
    });
  let renewals = 0;
  const faults: unknown[] = [];
  const watch = new TlsWatch({
    files,
    onRenewed: ({ authorities }) => {
      clients.renew(authorities);
      renewals++;
    },
    onFault: (thrown) => faults.push(thrown),
  });
  watch.look();
  assert.equal(renewals, 0);
  show(old);
  assert.throws(() => show(next), coded("CERTIFICATE_ISSUER_UNKNOWN"));

  file("authorities.crt", pem(next).slice(0, -100));
  watch.look();
  assert.deepEqual([renewals, faults.length], [0, 1]);
  show(old);
  file("authorities.crt", pem(next));
  watch.look();
  watch.look();
  assert.equal(renewals, 1);
  show(next);
  assert.throws(() => show(old), coded("CERTIFICATE_ISSUER_UNKNOWN"));
});
