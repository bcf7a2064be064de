import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { suiteByName } from "@gridledger/protocol/crypto/suites";
import { parseCertificate } from "@gridledger/protocol/pki/certificate";
import { verifyChain } from "@gridledger/protocol/pki/chain";
import { issueCertificate } from "@gridledger/protocol/pki/issue-certificate";
import { namePart } from "@gridledger/protocol/pki/names";
import { parsePem } from "@gridledger/protocol/pki/pem";
import type { CertificateUsage } from "@gridledger/protocol/pki/usage";
import { AuthorityFolder } from "../../hub/src/ca/authority-folder.ts";
import { homeAt } from "../../hub/src/cli/network/home.ts";
import { provisionTls, transportFiles } from "../../hub/src/cli/network/provision-tls.ts";
import { coded, DAY_MS, NOW_MS, newActor } from "../pki/consortium.ts";
import { ChainBuilder } from "../support/chain-builder.ts";
import { temporaryDirectory } from "./temporary-directory.ts";

const suite = suiteByName("international");
const { chain } = new ChainBuilder();
const [hub, device] = ["hub", "device"].map(
  (role) => chain.genesis.identities.find((one) => one.role === role)!,
) as unknown as [{ name: string }, { name: string }];

/** A home with the keys of a hub and a device, and its transport authority. */
function transportHome(context: TestContext) {
  const home = homeAt(temporaryDirectory(context));
  mkdirSync(home.keys, { mode: 0o700 });
  for (const { name } of [hub, device]) writeFileSync(home.page(name), "");
  const folder = new AuthorityFolder({
    ...{ suite, folder: join(home.tls, "ca"), unlockFile: join(home.keys, "tls.unlock") },
  });
  const chainOf = (name: string) => {
    const pem = readFileSync(transportFiles(home, name).certificate, "latin1");
    return parsePem("CERTIFICATE", pem).map(parseCertificate);
  };
  const verify = (
    [certificate, ...intermediates]: ReturnType<typeof chainOf>,
    usage: CertificateUsage,
  ) =>
    verifyChain({
      ...{ certificate: certificate!, intermediates, usage, crls: [], withoutCrl: "flag" },
      ...{ roots: [folder.root()], atMs: NOW_MS },
    });
  return { home, folder, chainOf, verify };
}

test("servers and members have an authority each, and neither can do the other's work or sign for the ledger", (context) => {
  const { home, folder, chainOf, verify } = transportHome(context);
  provisionTls(home, chain, "127.0.0.1", NOW_MS);
  verify(chainOf(hub.name), "tlsServer");
  assert.throws(() => verify(chainOf(hub.name), "tlsClient"), coded("CERTIFICATE_USAGE"));
  assert.equal(verify(chainOf(device.name), "tlsClient").role, "device");

  // Whoever has taken an authority's key issues what they like: it counts for its purposes alone.
  for (const issuer of folder.issuing()) {
    const { signer } = newActor(suite);
    const fields = {
      ...{ serialRandom: Buffer.alloc(16, 7), publicKey: signer.publicKey },
      ...{ notBeforeMs: NOW_MS, notAfterMs: NOW_MS + DAY_MS },
      profile: { kind: "signing", tlsClient: true } as const,
      subject: {
        ...{ organisation: namePart(issuer.certificate.subject, "O")!, commonName: "thief" },
        role: "device" as const,
      },
    };
    assert.throws(() => issueCertificate(issuer, fields), coded("CERTIFICATE_FIELDS"));
    const certificate = { ...issuer.certificate, extendedUsage: undefined };
    const stolen = [issueCertificate({ ...issuer, certificate }, fields), issuer.certificate];
    assert.throws(() => verify(stolen, "signing"), coded("CERTIFICATE_USAGE"));
    const isServers = chainOf(hub.name)[1]!.serial === issuer.certificate.serial;
    if (isServers) assert.throws(() => verify(stolen, "tlsClient"), coded("CERTIFICATE_USAGE"));
  }
});

test("a second start keeps what is good, and a home from before the limits gets new authorities and certificates", (context) => {
  const { home, folder, chainOf, verify } = transportHome(context);
  mkdirSync(home.tls);
  folder.createRoot("Gridledger transport", NOW_MS);
  folder.createIssuing("Gridledger transport", NOW_MS);
  provisionTls(home, chain, "127.0.0.1", NOW_MS);
  const made = chainOf(hub.name)[0]!;
  assert.throws(() => verify(chainOf(hub.name), "tlsClient"), coded("CERTIFICATE_USAGE"));
  provisionTls(home, chain, "127.0.0.1", NOW_MS + DAY_MS);
  assert.equal(chainOf(hub.name)[0]!.serial, made.serial);
  assert.equal(folder.issuing().length, 3);
});
