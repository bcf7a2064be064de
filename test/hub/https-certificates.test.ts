import assert from "node:assert/strict";
import { Agent, request } from "node:https";
import { type TestContext, test } from "node:test";
import { parseHex } from "@gridledger/protocol/hex";
import type { Certificate } from "@gridledger/protocol/pki/certificate";
import { formatPem } from "@gridledger/protocol/pki/pem";
import { revocationKey } from "@gridledger/protocol/pki/revocation";
import { HttpServer } from "../../hub/src/http-server.ts";
import { type Actor, Consortium, DAY_MS, newActor } from "../pki/consortium.ts";
import { ChainBuilder, type Key } from "../support/chain-builder.ts";
import { startRig } from "./rig.ts";

const pem = (...certificates: Certificate[]) =>
  certificates.map(({ encoded }) => formatPem("CERTIFICATE", encoded)).join("");
const keyPem = ({ pkcs8 }: Pick<Actor, "pkcs8">) =>
  `-----BEGIN PRIVATE KEY-----\n${Buffer.from(pkcs8).toString("base64")}\n-----END PRIVATE KEY-----\n`;

/** The hub's REST door behind real TLS. */
async function httpsHub(t: TestContext) {
  const consortium = new Consortium("international");
  const builder = new ChainBuilder();
  const { root, authority } = consortium;
  // The hub knows the root alone: clients bring the authority between.
  const rig = await startRig(builder, { anonymousReads: false, clientAuthorities: pem(root) });
  const now = rig.clock.now();
  const window = { notBeforeMs: now - DAY_MS, notAfterMs: now + DAY_MS };
  const server = newActor(consortium.suite);
  const shown = consortium.issue({
    ...window,
    publicKey: server.signer.publicKey,
    profile: { kind: "tls" },
    altNames: { dns: ["localhost"], ip: ["127.0.0.1"] },
  });
  const tls = { certificate: pem(shown, authority), key: keyPem(server), authorities: pem(root) };
  const http = new HttpServer(rig.app, { host: "127.0.0.1", port: 0, tls });
  const { port } = await http.start();
  t.after(async () => {
    await http.stop();
    await rig.stop();
  });

  /** A client over one connection that stays open; `keepAlive: false` opens one for each request. */
  function client(from: Consortium, key: Pick<Key, "signer" | "pkcs8">, change: Change = {}) {
    const { keepAlive = true, ...fields } = change;
    const { publicKey } = key.signer;
    const certificate = from.issue({ ...window, publicKey, ...fields });
    const cert = pem(certificate, from.authority);
    return { certificate, ...asker({ cert, key: keyPem(key), keepAlive }) };
  }

  function asker(options: { cert?: string; key?: string; keepAlive?: boolean }) {
    const agent = new Agent({ ...options, ca: pem(root), maxSockets: 1 });
    t.after(() => agent.destroy());
    const ask = (path: string) =>
      new Promise<{ status: number; code: string | undefined }>((resolve, reject) => {
        const url = `https://127.0.0.1:${port}/api/v1${path}`;
        const sent = request(url, { agent }, async (response) => {
          const text = Buffer.concat(await response.toArray()).toString();
          resolve({ status: response.statusCode ?? 0, code: JSON.parse(text).code });
        });
        sent.on("error", reject);
        sent.end();
      });
    return { ask };
  }

  return { ...{ builder, rig, consortium, now }, client, asker };
}

type Change = Parameters<Consortium["issue"]>[0] & { keepAlive?: boolean };

test("over HTTPS the certificate is the caller, until it or its identity is revoked", async (t) => {
  const { builder, rig, consortium, client, asker } = await httpsHub(t);
  const [first, second] = builder.devices as [Key, Key];
  const operator = client(consortium, builder.operator, { subject: { role: "operator" } });
  assert.equal((await operator.ask("/users")).status, 200);
  const device = client(consortium, first);
  assert.equal((await device.ask("/users")).code, "FORBIDDEN");
  assert.equal((await asker({}).ask("/users")).code, "NOT_SIGNED_IN");

  const record = (id: string, certificate: Certificate, action: "withdrawn" | "revoked") =>
    rig.directory.record(
      {
        ...{ action, identityId: parseHex(id), fingerprint: new Uint8Array(32) },
        ...{ certificateKey: revocationKey(certificate), reason: "keyCompromise" },
      },
      7,
    );
  record(first.id, device.certificate, "withdrawn");
  assert.equal((await device.ask("/status")).code, "CERTIFICATE_REVOKED");
  const other = client(consortium, second);
  assert.equal((await other.ask("/status")).status, 200);
  // Another certificate of the same identity falls with it.
  const spare = consortium.issue({ publicKey: second.signer.publicKey });
  record(second.id, spare, "revoked");
  assert.equal((await other.ask("/status")).code, "IDENTITY_REVOKED");
  assert.equal((await operator.ask("/users")).status, 200);
});

test("over HTTPS an expired certificate and one of another authority are refused", async (t) => {
  const { builder, consortium, now, client } = await httpsHub(t);
  const [device] = builder.devices as [Key];
  const expired = client(consortium, device, { notAfterMs: now - 5_000 });
  assert.equal((await expired.ask("/status")).code, "CERTIFICATE_EXPIRED");
  const stranger = client(new Consortium("international"), device);
  assert.match((await stranger.ask("/status")).code ?? "", /ISSUER_UNKNOWN|SIGNATURE_INVALID/);
});

test("later connections of a client show the whole certificate path again", async (t) => {
  const { builder, consortium, client } = await httpsHub(t);
  const subject = { role: "operator" } as const;
  const operator = client(consortium, builder.operator, { subject, keepAlive: false });
  for (let request = 0; request < 3; request++) {
    assert.equal((await operator.ask("/users")).status, 200, `request ${request}`);
  }
});
