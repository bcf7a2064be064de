import assert from "node:assert/strict";
import { chmodSync, writeFileSync } from "node:fs";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import type { TLSSocket } from "node:tls";
import type { Certificate } from "@gridledger/protocol/pki/certificate";
import { formatPem } from "@gridledger/protocol/pki/pem";
import { type Actor, Consortium, DAY_MS, newActor } from "../pki/consortium.ts";
import { runCli } from "./run-cli.ts";
import { temporaryDirectory } from "./temporary-directory.ts";

const pem = (...certificates: Certificate[]) =>
  certificates.map(({ encoded }) => formatPem("CERTIFICATE", encoded)).join("");
const keyPem = ({ pkcs8 }: Actor) =>
  `-----BEGIN PRIVATE KEY-----\n${Buffer.from(pkcs8).toString("base64")}\n-----END PRIVATE KEY-----\n`;

/** An https hub that notes whose certificate it is shown, and a client's files. */
async function certifiedHub(t: TestContext) {
  const consortium = new Consortium("international");
  const { root, authority, suite } = consortium;
  const [server, client] = [newActor(suite), newActor(suite)];
  const window = { notBeforeMs: Date.now() - DAY_MS, notAfterMs: Date.now() + DAY_MS };
  const altNames = { dns: ["localhost"], ip: ["127.0.0.1"] };
  const own = { ...window, altNames, profile: { kind: "tls" } } as const;
  const shown = consortium.issue({ ...own, publicKey: server.signer.publicKey });
  const certificate = consortium.issue({ ...window, publicKey: client.signer.publicKey });
  const tls = { cert: pem(shown, authority), key: keyPem(server), ca: pem(root) };
  const callers: (string | undefined)[] = [];
  const options = { ...tls, requestCert: true, rejectUnauthorized: false };
  const hub = createServer(options, (request, response) => {
    callers.push((request.socket as TLSSocket).getPeerX509Certificate()?.serialNumber);
    response.end(JSON.stringify({ items: [], next: null }));
  });
  await new Promise<void>((resolve) => hub.listen(0, "127.0.0.1", resolve));
  t.after(() => hub.close());
  const directory = temporaryDirectory(t);
  const write = (name: string, text: string) => {
    const file = join(directory, name);
    writeFileSync(file, text, { mode: 0o600 });
    return file;
  };
  const port = (hub.address() as AddressInfo).port;
  const [ca, cert] = [write("ca.pem", pem(root)), write("me.pem", pem(certificate, authority))];
  const [key, otherKey] = [write("me.key", keyPem(client)), write("other.key", keyPem(server))];
  const command = ["query", "meters", "--url", `https://127.0.0.1:${port}`, "--ca", ca];
  return { ...{ callers, command, cert, key, otherKey }, serial: certificate.serial };
}

test("a command shows the certificate that options or the environment name", async (t) => {
  const { callers, command, cert, key, serial } = await certifiedHub(t);
  const given = await runCli([...command, "--cert", cert, "--cert-key", key]);
  assert.equal(given.code, 0, given.stderr);
  const env = { GRIDLEDGER_CERT: cert, GRIDLEDGER_KEY_FILE: key };
  assert.equal((await runCli(command, { env })).code, 0);
  assert.equal((await runCli(command)).code, 0);
  const shown = callers.map((caller) => caller?.toLowerCase());
  assert.deepEqual(shown, [serial, serial, undefined]);
});

test("a certificate without its key, or whose key others can read, is not used", async (t) => {
  const { callers, command, cert, key, otherKey } = await certifiedHub(t);
  const alone = await runCli([...command, "--cert", cert]);
  assert.match(alone.stderr, /USAGE_INVALID: .*--cert-key/);
  const wrong = await runCli([...command, "--cert", cert, "--cert-key", otherKey]);
  assert.match(wrong.stderr, /KEY_INVALID: .*is no key of the certificate/);
  chmodSync(key, 0o640);
  const open = await runCli([...command, "--cert", cert, "--cert-key", key]);
  assert.match(open.stderr, /KEY_INVALID: .*chmod 600/);
  const clear = ["query", "meters", "--url", "http://127.0.0.1:1", "--cert", cert];
  assert.match((await runCli([...clear, "--cert-key", key])).stderr, /USAGE_INVALID: .*https only/);
  assert.deepEqual(callers, []);
});
