import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { contract } from "@gridledger/protocol/api/contract";
import { decodeTransactions } from "@gridledger/protocol/messages/transactions";
import { parseCertificate } from "@gridledger/protocol/pki/certificate";
import { parseCrl, verifyCrl } from "@gridledger/protocol/pki/crl";
import { formatPem, parsePem } from "@gridledger/protocol/pki/pem";
import { encodeRenewalRequest } from "@gridledger/protocol/pki/renewal-request";
import { createRequest } from "@gridledger/protocol/pki/request";
import { ChainBuilder, type Key } from "../support/chain-builder.ts";
import { type Rig, startRig, until } from "./rig.ts";

const BASE = "http://localhost/api/v1";
const NEW_PASSWORD = "correct horse battery";
const MINUTE_MS = 60_000;

describe("the certificate authority over REST", () => {
  const builder = new ChainBuilder();
  const { suite, chainId } = builder.chain;
  let rig: Rig;
  let operator: Record<string, string>;

  async function call(path: string, body?: unknown, headers: Record<string, string> = {}) {
    const response = await rig.app.request(BASE + path, {
      method: body === undefined ? "GET" : "POST",
      headers: {
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const json: ReturnType<typeof JSON.parse> = await response.json();
    return { status: response.status, headers: response.headers, json };
  }

  async function signedIn(password: string) {
    const { headers, json } = await call("/session", { user: "operator", password });
    return { cookie: headers.get("set-cookie")!.split(";")[0]!, "x-csrf-token": json.csrfToken };
  }

  /** Brings what the hub sends into blocks, as validators would. */
  async function finalise(): Promise<void> {
    const seen = new Set(builder.blocks.flatMap(({ transactions }) => transactions.map(hex)));
    const sent = rig.bus.on(/\/t\//).flatMap(decodeTransactions);
    const fresh = [...new Map(sent.map((one) => [hex(one), one])).values()].filter(
      (one) => !seen.has(hex(one)),
    );
    if (fresh.length === 0) return;
    rig.carry(builder.add(fresh));
    await rig.indexed(builder.height);
  }
  const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");

  /** Runs the work while blocks come. */
  async function withBlocks<Answer>(work: Promise<Answer>): Promise<Answer> {
    let isDone = false;
    const watched = work.finally(() => {
      isDone = true;
    });
    while (!isDone) {
      await finalise();
      await new Promise((resolve) => setImmediate(resolve));
    }
    return watched;
  }

  const csr = (key: Key, commonName: string) =>
    formatPem(
      "CERTIFICATE REQUEST",
      createRequest(suite, key.signer, { subject: { organisation: "Utility", commonName } }),
    );

  async function submitted(name: string, key: Key) {
    const { json } = await call("/enrolment-codes", { name, role: "device" }, operator);
    assert.match(json.code, /^[0-9A-Z]{6}(-[0-9A-Z]{4}){4}$/);
    const answer = await call("/certificate-requests", {
      code: json.code,
      signing: csr(key, name),
    });
    assert.equal(answer.status, 200, JSON.stringify(answer.json));
    return answer.json;
  }

  before(async () => {
    rig = await startRig(builder, { hasAuthority: true });
    const first = await signedIn(rig.password!);
    await call("/session/password", { current: rig.password, next: NEW_PASSWORD }, first);
    operator = await signedIn(NEW_PASSWORD);
  });
  after(() => rig.stop());

  test("from a code to a certificate and an identity on the chain, then revoked everywhere", async () => {
    const key = builder.newKey("gateway-7");
    const pending = await submitted("gateway-7", key);
    assert.deepEqual(
      [pending.state, pending.identity, pending.certificates],
      ["pending", key.id, []],
    );
    const queue = await call("/certificate-requests?state=pending", undefined, operator);
    assert.equal(queue.json.items[0].name, "gateway-7");
    const approval = call(`/certificate-requests/${pending.id}/approve`, {}, operator);
    const approved = await withBlocks(approval);
    assert.equal(approved.status, 200, JSON.stringify(approved.json));
    const taken = (await call(`/certificate-requests/${pending.id}`)).json;
    const certificate = parseCertificate(parsePem("CERTIFICATE", taken.certificates[0])[0]!);
    assert.equal(certificate.crlUri?.startsWith("http://hub.example/api/v1/crl?issuer="), true);
    assert.equal(rig.directory.find(key.id)?.standing?.isRevoked, false);

    const path = `/certificates/${certificate.serial}`;
    const { json: detail } = await call(path, undefined, operator);
    contract.certificate.answer.parse(detail);
    assert.deepEqual([detail.state, detail.recorded, detail.identity], ["valid", true, key.id]);
    const revocation = call(`${path}/revoke`, { reason: "keyCompromise" }, operator);
    const revoked = await withBlocks(revocation);
    assert.deepEqual([revoked.json.state, revoked.json.reason], ["revoked", "keyCompromise"]);
    assert.equal(rig.directory.find(key.id)?.standing?.isRevoked, true);
    const reading = builder.batch(key, { meter: "M9", timesMs: [1_750_000_000_000] });
    const transaction = Buffer.from(reading).toString("base64url");
    assert.equal((await call("/transactions", { transaction })).json.code, "IDENTITY_REVOKED");
    const enrolled = await call(
      "/identities",
      {
        name: "again",
        role: "device",
        publicKey: Buffer.from(key.signer.publicKey).toString("base64url"),
      },
      operator,
    );
    assert.equal(enrolled.json.code, "IDENTITY_EXISTS");
  });

  test("the CRL is public, as JSON, PEM and DER, of the root too", async () => {
    const { json: ca } = await call("/ca");
    const issuer = parseCertificate(parsePem("CERTIFICATE", ca.issuing[0].pem)[0]!);
    const { json } = await call("/crl");
    assert.equal(json.authority, ca.issuing[0].id);
    for (const format of ["der", "pem"] as const) {
      const response = await rig.app.request(
        `${BASE}/crl?format=${format}&issuer=${json.authority}`,
      );
      const bytes = new Uint8Array(await response.arrayBuffer());
      const der =
        format === "der" ? bytes : parsePem("X509 CRL", Buffer.from(bytes).toString())[0]!;
      verifyCrl(parseCrl(der), issuer);
      if (format === "der")
        assert.equal(response.headers.get("content-type"), "application/pkix-crl");
    }
    assert.equal((await call("/crl?issuer=root")).json.authority, null);
    assert.equal((await call(`/crl?issuer=${"0".repeat(20)}`)).json.code, "AUTHORITY_UNKNOWN");
  });

  test("a stranger with a wrong code is refused, and held back after twenty tries", async () => {
    const signing = csr(builder.newKey("x"), "x");
    const codes = new Set<string>();
    for (let i = 0; i < 25; i++) {
      codes.add((await call("/certificate-requests", { code: "AAAAAA-1111", signing })).json.code);
    }
    assert.deepEqual([...codes], ["ENROLMENT_CODE_INVALID", "RATE_LIMITED"]);
    rig.clock.advance(60_000);
  });

  test("an operator invites nobody into the roles of administrators", async () => {
    const order = { name: "eve", role: "auditor" };
    // The first account holds both roles; the rule that decides is the one of the permission.
    const { status } = await call("/enrolment-codes", order, operator);
    assert.equal(status, 200);
    assert.equal(
      (await call("/enrolment-codes", { name: "v", role: "validator" }, operator)).status,
      400,
    );
  });

  test("lists are searched, filtered and paged", async () => {
    await withBlocks(rig.authority!.certifyFounders());
    const list = async (query: string) =>
      (await call(`/certificates?${query}`, undefined, operator)).json;
    const first = await list("limit=3");
    contract.certificates.answer.parse(first);
    const rest = await list(`limit=100&cursor=${first.next}`);
    assert.equal(
      new Set([...first.items, ...rest.items].map(({ serial }) => serial)).size,
      3 + rest.items.length,
    );
    assert.ok(
      (await list("search=validator-2")).items.every(
        ({ name }: { name: string }) => name === "validator-2",
      ),
    );
    assert.equal((await list("search=%25")).items.length, 0);
    assert.deepEqual(
      (await list("state=revoked")).items.map(({ name }: { name: string }) => name),
      ["gateway-7"],
    );
    assert.equal((await list("endsWithinDays=30")).items.length, 0);
    assert.ok((await list("endsWithinDays=400")).items.length >= 8);
  });

  test("who holds the key renews, nobody else", async () => {
    const [device] = builder.devices;
    const { publicKey } = device!.signer;
    const order = { purpose: "signing", name: "device-1", role: "device", publicKey } as const;
    const authority = rig.authority!.authorities.find();
    const current = await rig.authority!.issuance.issue(authority, {
      ...{ ...order, days: 0.01, issuedBy: "test" },
    });
    await withBlocks(rig.authority!.recorder.run());
    const request = (key: Key) =>
      createRequest(suite, key.signer, {
        subject: { organisation: "Utility", commonName: "device-1" },
      });
    const renewal = (by: Key) =>
      Buffer.from(
        encodeRenewalRequest(suite, by.signer, chainId, {
          serial: current.serial,
          request: request(by),
        }),
      ).toString("base64url");
    const path = `/certificates/${current.serial}/renew`;
    assert.equal((await call(path, { renewal: renewal(device!) })).json.code, "RENEWAL_EARLY");
    rig.clock.advance(9 * MINUTE_MS);
    assert.equal(
      (await call(path, { renewal: renewal(builder.devices[1]!) })).json.code,
      "SIGNATURE_INVALID",
    );
    const renewed = await call(path, { renewal: renewal(device!) });
    assert.equal(renewed.json.issuedBy, "renewal");
    await until(() => rig.outbox.size > 0, "the chain is told");
    await finalise();
    await withBlocks(rig.authority!.recorder.run());
    assert.equal(rig.directory.find(device!.id)?.standing?.height, builder.height);
  });
});
