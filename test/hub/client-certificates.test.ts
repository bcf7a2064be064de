import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { after, before, describe, test } from "node:test";
import type { Certificate } from "@gridledger/protocol/pki/certificate";
import { formatPem } from "@gridledger/protocol/pki/pem";
import { CertificateLogin } from "../../hub/src/identity/certificate-login.ts";
import { ClientCertificates } from "../../hub/src/tls/client-certificates.ts";
import { Consortium, DAY_MS, NOW_MS, newActor } from "../pki/consortium.ts";
import { ChainBuilder, type Key } from "../support/chain-builder.ts";
import { signedInAs } from "./people.ts";
import { type Rig, startRig } from "./rig.ts";

type Change = Parameters<Consortium["issue"]>[0];

const pem = (...certificates: Certificate[]) =>
  certificates.map(({ encoded }) => formatPem("CERTIFICATE", encoded)).join("");

/** As TLS hands it over; counts how often it was asked. */
function socketWith(...certificates: readonly Certificate[]) {
  const socket = {
    asked: 0,
    remoteAddress: "10.0.0.7",
    getPeerX509Certificate() {
      socket.asked++;
      const [first] = certificates;
      return first && new X509Certificate(first.encoded);
    },
  };
  return socket;
}

describe("who shows a client certificate to the REST door", () => {
  const consortium = new Consortium("international");
  const builder = new ChainBuilder();
  let rig: Rig;

  before(async () => {
    const clientAuthorities = pem(consortium.root, consortium.authority);
    rig = await startRig(builder, { anonymousReads: false, clientAuthorities });
  });
  after(() => rig.stop());

  function issue(key: Pick<Key, "signer">, change: Change = {}): Certificate {
    const notBeforeMs = rig.clock.now() - DAY_MS;
    const notAfterMs = rig.clock.now() + DAY_MS;
    const { publicKey } = key.signer;
    return consortium.issue({ publicKey, notBeforeMs, notAfterMs, ...change });
  }

  async function ask(
    socket: object | undefined,
    path: string,
    init: { headers?: Record<string, string>; body?: unknown } = {},
  ) {
    const { body, headers } = init;
    const request = {
      method: body === undefined ? "GET" : "POST",
      headers: { "content-type": "application/json", ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    };
    const env = socket && { incoming: { socket } };
    const response = await rig.app.request(`https://localhost/api/v1${path}`, request, env);
    const json: ReturnType<typeof JSON.parse> = await response.json();
    return { status: response.status, json };
  }

  const operator = () => issue(builder.operator, { subject: { role: "operator" } });
  const code = { role: "device", name: "gateway 9", organisation: "Utility" };

  test("a device is known by it, and does only what a device may", async () => {
    const socket = socketWith(issue(builder.devices[0]!));
    const { json } = await ask(socket, "/session");
    assert.ok(json.permissions.includes("certificate.request"));
    assert.ok(!json.permissions.includes("ledger.read"));
    const ledger = await ask(socket, "/blocks");
    assert.deepEqual([ledger.status, ledger.json.code], [403, "FORBIDDEN"]);
    assert.equal((await ask(socket, "/users")).json.code, "FORBIDDEN");
  });

  test("an operator may what the policy permits, without a token against forgery", async () => {
    const socket = socketWith(operator());
    assert.equal((await ask(socket, "/users")).status, 200);
    // This hub has no authority: the policy let the request through.
    assert.equal((await ask(socket, "/enrolment-codes", { body: code })).json.code, "CA_ABSENT");
    assert.equal((await ask(socket, "/audit")).json.code, "FORBIDDEN");
  });

  test("a page of another site cannot use the certificate of its visitor's browser", async () => {
    const socket = socketWith(operator());
    const foreign = [
      { origin: "https://evil.example" },
      { origin: "http://localhost" },
      { origin: "null" },
      { "sec-fetch-site": "cross-site" },
      { "sec-fetch-site": "same-site" },
    ];
    for (const headers of foreign) {
      const { json } = await ask(socket, "/enrolment-codes", { headers, body: code });
      assert.equal(json.code, "CSRF_INVALID", JSON.stringify(headers));
    }
    const headers = { origin: "https://localhost", "sec-fetch-site": "same-origin" };
    const own = await ask(socket, "/enrolment-codes", { headers, body: code });
    assert.equal(own.json.code, "CA_ABSENT");
  });

  test("who shows none goes on as before", async () => {
    assert.equal((await ask(socketWith(), "/blocks")).json.code, "NOT_SIGNED_IN");
    assert.equal((await ask(undefined, "/blocks")).json.code, "NOT_SIGNED_IN");
  });

  test("a session or a token stands before the certificate", async () => {
    const socket = socketWith(issue(builder.devices[0]!));
    const headers = await signedInAs(rig, { name: "auditing", roles: ["auditor"] });
    assert.equal((await ask(socket, "/session", { headers })).json.user, "auditing");
    const authorization = `Bearer glt_${"A".repeat(43)}`;
    const refused = await ask(socket, "/session", { headers: { authorization } });
    assert.equal(refused.json.code, "TOKEN_INVALID");
    assert.equal(socket.asked, 0);
  });

  test("a certificate that is not good is refused with its code, and makes no stranger", async () => {
    const [device] = builder.devices as [Key];
    const now = rig.clock.now();
    const attributes = new Map([["identity", "0123456789abcdef0123"]]);
    const other = new Consortium("international");
    const window = { notBeforeMs: now - DAY_MS, notAfterMs: now + DAY_MS };
    const cases: readonly [string, Certificate][] = [
      ["CERTIFICATE_EXPIRED", issue(device, { notAfterMs: now - 5_000 })],
      ["CERTIFICATE_NOT_YET_VALID", issue(device, { notBeforeMs: now + 5_000 })],
      ["CERTIFICATE_USAGE", issue(device, { profile: { kind: "tls" } })],
      ["CERTIFICATE_ROLE", issue(device, { subject: { role: "administrator" } })],
      ["FORBIDDEN", issue(builder.validators[0]!, { subject: { role: "validator" } })],
      [
        "TLS_CERTIFICATE_IDENTITY",
        issue(newActor(consortium.suite), {
          profile: { kind: "tls", tlsClient: true },
          subject: { attributes },
        }),
      ],
      [
        "CERTIFICATE_ISSUER_UNKNOWN",
        other.issue({ publicKey: device.signer.publicKey, ...window }),
      ],
    ];
    for (const [expected, certificate] of cases) {
      const { json } = await ask(socketWith(certificate), "/status");
      assert.equal(json.code, expected);
    }
  });

  test("an expired certificate does not stand in the way of its renewal", async () => {
    const expired = issue(builder.devices[0]!, { notAfterMs: rig.clock.now() - 5_000 });
    const body = { renewal: Buffer.from("none").toString("base64url") };
    const { json } = await ask(socketWith(expired), "/certificates/00/renew", { body });
    assert.notEqual(json.code, "CERTIFICATE_EXPIRED");
  });
});

test("a certificate is read once a connection, and what stands against it at every request", () => {
  const consortium = new Consortium("international");
  const { root, authority, device, suite } = consortium;
  let [nowMs, isRevoked] = [NOW_MS, false];
  const deps = { hash: suite.hash, now: () => nowMs, isRevoked: () => isRevoked };
  const certificates = new ClientCertificates(deps, pem(root, authority));
  const login = new CertificateLogin({ certificates, findIdentity: () => undefined });
  const socket = socketWith(device);
  assert.deepEqual(login.find(socket)?.roles, ["member", "device"]);
  isRevoked = true; // it or an authority above
  assert.throws(() => login.find(socket), { code: "CERTIFICATE_REVOKED" });
  isRevoked = false;
  assert.deepEqual(login.find(socket)?.roles, ["member", "device"]);
  nowMs = device.notAfterMs + 1_000;
  assert.throws(() => login.find(socket), { code: "CERTIFICATE_EXPIRED" });
  assert.equal(socket.asked, 1);
});
