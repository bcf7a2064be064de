import assert from "node:assert/strict";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { connect, createServer, type TLSSocket } from "node:tls";
import type { Certificate } from "@gridledger/protocol/pki/certificate";
import { formatPem } from "@gridledger/protocol/pki/pem";
import { type Actor, Consortium, DAY_MS, newActor, START_MS } from "./consortium.ts";

const notAfterMs = START_MS + 9 * 365 * DAY_MS;
const pem = (...chain: Certificate[]) =>
  chain.map(({ encoded }) => formatPem("CERTIFICATE", encoded)).join("");

function keyPem({ pkcs8 }: Actor): string {
  const body = Buffer.from(pkcs8).toString("base64");
  return `-----BEGIN PRIVATE KEY-----\n${body}\n-----END PRIVATE KEY-----\n`;
}

test("Node's TLS takes our P-256 certificates at both ends, and each for its own end only", async () => {
  const consortium = new Consortium("international");
  const { authority, root, suite, deviceActor } = consortium;
  const hub = newActor(suite);
  const server = consortium.issue({
    publicKey: hub.signer.publicKey,
    notAfterMs,
    profile: { kind: "tls" },
    altNames: { dns: ["localhost"], ip: ["127.0.0.1"] },
  });
  const device = consortium.issue({ notAfterMs });
  const mute = consortium.issue({ notAfterMs, profile: { kind: "signing" } });
  const listener = createServer({
    key: keyPem(hub),
    cert: pem(server, authority),
    ca: pem(root),
    requestCert: true,
    rejectUnauthorized: true,
  }).listen(0, "127.0.0.1");
  await once(listener, "listening");
  listener.on("secureConnection", (socket: TLSSocket) => {
    socket.end(String(socket.getPeerCertificate().subject.CN));
  });

  const greet = async (certificate: Certificate): Promise<string> => {
    const socket = connect({
      port: (listener.address() as AddressInfo).port,
      host: "127.0.0.1",
      key: keyPem(deviceActor),
      cert: pem(certificate, authority),
      ca: pem(root),
    });
    let text = "";
    for await (const chunk of socket) text += String(chunk);
    return text;
  };
  try {
    assert.equal(await greet(device), "网关 gateway-7");
    // Without the TLS client purpose the server hangs up: a reset or an end without a word.
    assert.equal(await greet(mute).catch(() => ""), "");
  } finally {
    listener.close();
  }
});
