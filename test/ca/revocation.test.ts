import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, test } from "node:test";
import { decodeCrlNotice } from "@gridledger/protocol/messages/crl-notice";
import { parseCertificate } from "@gridledger/protocol/pki/certificate";
import { verifyChain } from "@gridledger/protocol/pki/chain";
import { parseCrl, verifyCrl } from "@gridledger/protocol/pki/crl";
import { crlNotices } from "../../hub/src/ca/crl-notices.ts";
import type { Key } from "../support/chain-builder.ts";
import { DAY_MS, Office } from "./office.ts";

describe("revocation", () => {
  let office: Office;
  let device: Key;
  let serial: string;
  const issuing = () => office.authority.authorities.all[0]!;
  const crl = () => office.authority.crls.current(issuing());

  beforeEach(async () => {
    office = await new Office().start();
    device = office.builder.newKey("gateway-7");
    const [signing] = await office.enrol("gateway-7", device);
    serial = signing!.serial;
  });
  afterEach(() => office.stop());

  async function verify(atMs = office.clock.now()) {
    const { encoded } = (await office.authority.certificates.find(serial))!;
    const { root, rootCrl } = office.authority.authorities;
    return verifyChain({
      ...{ certificate: parseCertificate(encoded), intermediates: [issuing().certificate] },
      ...{ roots: [root], crls: [rootCrl, crl()], atMs, usage: "signing" },
    });
  }

  test("a revoked certificate is in the next CRL at once, and its identity is out on the chain", async () => {
    const before = crl().number;
    assert.equal((await verify()).commonName, "gateway-7");
    await office.authority.revoke(serial, "keyCompromise", "bob");
    assert.equal(crl().number, before + 1n);
    assert.equal(crl().revoked.get(serial)?.reason, "keyCompromise");
    verifyCrl(parseCrl(crl().encoded), issuing().certificate);
    assert.equal(office.published.at(-1), crl());
    await assert.rejects(verify(), { code: "CERTIFICATE_REVOKED" });
    const { standing } = office.directory.find(device.id)!;
    assert.deepEqual([standing?.isRevoked, standing?.reason], [true, "keyCompromise"]);
    const again = office.authority.revoke(serial, "superseded", "bob");
    await assert.rejects(again, { code: "CERTIFICATE_REVOKED" });
  });

  test("an authority falls with all that it issued, and another one certifies the same key again", async () => {
    const { files, clock, directory } = office;
    files.createIssuing("China Southern Grid", clock.now());
    await office.restart();
    const [old] = office.authority.authorities.all;
    const { height } = await office.authority.close(old!.id, "authorityCompromise");
    const fallen = directory.find(device.id)!.standing;
    assert.deepEqual([fallen?.isRevoked, fallen?.height], [true, height]);
    assert.deepEqual(directory.under(old!.key), [device.id]);
    const { encoded } = (await office.authority.certificates.find(serial))!;
    const chain = {
      ...{ certificate: parseCertificate(encoded), intermediates: [old!.certificate] },
      ...{ roots: [office.authority.authorities.root], crls: [], atMs: clock.now() },
      usage: "signing",
      withoutCrl: "flag",
    } as const;
    const isRevokedOnChain = (key: Uint8Array) => directory.isRevokedCertificate(key);
    verifyChain(chain);
    assert.throws(() => verifyChain({ ...chain, isRevokedOnChain }), {
      code: "CERTIFICATE_REVOKED",
    });
    const { publicKey } = device.signer;
    const order = { purpose: "signing", name: "gateway-7", role: "device", publicKey } as const;
    const more = office.authority.issuance.issue(old!, { ...order, issuedBy: "test" });
    await assert.rejects(more, { code: "AUTHORITY_REVOKED" });
    const again = office.authority.close(old!.id, "superseded");
    await assert.rejects(again, { code: "AUTHORITY_REVOKED" });
    await office.enrol("gateway-7", device);
    assert.equal(directory.find(device.id)!.standing?.isRevoked, false);
  });

  test("a revoked key gets no other certificate", async () => {
    await office.authority.revoke(serial, "keyCompromise", "bob");
    const name = "gateway-7";
    const submission = { code: await office.code(name), signing: office.csr(device) };
    await assert.rejects(office.authority.desk.submit(submission), { code: "IDENTITY_REVOKED" });
  });

  test("an encryption certificate is void without its subject", async () => {
    const [key, sealing] = [office.builder.newKey("k"), office.builder.newKey("s")];
    const [, encryption] = await office.enrol("gateway-8", key, sealing);
    await office.authority.revoke(encryption!.serial, "keyCompromise", "bob");
    assert.equal(office.directory.find(key.id)?.standing?.isRevoked, false);
    assert.ok(crl().revoked.has(encryption!.serial));
  });

  test("a validator is not revoked but voted out, and the refusal says how and what follows", async () => {
    await office.authority.certifyFounders();
    const { signer } = office.builder.validators[0]!;
    const [certificate] = await office.authority.certificates.ofKey(signer.publicKey);
    await assert.rejects(office.authority.revoke(certificate!.serial, "keyCompromise", "bob"), {
      code: "REVOCATION_VALIDATOR",
      message: /propose-remove validator-\d .*3 of 3 validators would be online/,
    });
    assert.ok(!crl().revoked.has(certificate!.serial));
  });

  test("the CRL is made anew every day, and its number goes on after a restart", async () => {
    const first = crl();
    await assert.rejects(verify(first.nextUpdateMs + DAY_MS), { code: "CRL_STALE" });
    office.clock.advance(DAY_MS + 3_600_000);
    await office.authority.crls.refresh(issuing());
    assert.ok(crl().number > first.number && crl().nextUpdateMs > first.nextUpdateMs);
    const { number } = crl();
    await office.restart();
    assert.equal(crl().number, number);
    await office.authority.revoke(serial, "superseded", "bob");
    assert.equal(crl().number, number + 1n);
  });

  test("what the chain had not heard before a stop it hears after it", async () => {
    const { certificates } = office.authority;
    const revocation = { revokedAtMs: office.clock.now(), reason: "cessationOfOperation" } as const;
    await certificates.revoke(serial, revocation, "bob", true);
    await office.restart();
    await office.authority.certifyFounders();
    assert.equal(office.directory.find(device.id)?.standing?.isRevoked, true);
    assert.deepEqual(await office.authority.certificates.unrecorded(9), []);
  });

  test("a fallen issuing authority is in the root's CRL, and nothing below it stands", async () => {
    const revoked = new Map([
      [issuing().certificate.serial, { revokedAtMs: office.clock.now(), reason: "keyCompromise" }],
    ] as const);
    office.files.renewRootCrl(office.clock.now(), revoked);
    await office.restart();
    await assert.rejects(verify(), { code: "CERTIFICATE_REVOKED" });
  });

  test("the notice carries the CRL, its number and its hash", () => {
    const { chain, hub } = office.builder;
    const sent: [string, Uint8Array][] = [];
    const publishRetained = (topic: string, bytes: Uint8Array) => sent.push([topic, bytes]);
    crlNotices({ chain, self: hub.id, publishRetained })(issuing(), crl());
    const [topic, bytes] = sent[0]!;
    assert.equal(topic, `gl/test/l/${issuing().id}/${hub.id}`);
    const notice = decodeCrlNotice(bytes);
    assert.deepEqual(
      [notice.number, notice.nextUpdateMs],
      [Number(crl().number), crl().nextUpdateMs],
    );
    verifyCrl(parseCrl(notice.crl), issuing().certificate);
  });
});

describe("the authority's files", () => {
  test("keys are sealed and private, and a root that is kept elsewhere opens with its passphrase only", async () => {
    const office = new Office();
    const now = office.clock.now();
    const offline = { folder: `${office.folder}/usb`, passphrase: Buffer.from("correct horse") };
    office.files.createRoot("Grid Consortium", now, offline);
    assert.throws(() => office.files.createIssuing("A", now), { code: "FILE_UNREADABLE" });
    const wrong = { ...offline, passphrase: Buffer.from("wrong") };
    assert.throws(() => office.files.createIssuing("A", now, wrong), { code: "PASSPHRASE_WRONG" });
    office.files.createIssuing("A", now, offline);
    office.files.createIssuing("B", now, offline);
    assert.throws(() => office.files.createRoot("X", now), { code: "CONFIG_INVALID" });
    await office.start();
    const names = office.authority.authorities.all.map(({ organisation }) => organisation);
    assert.deepEqual(names, ["A", "B"]);
    assert.throws(() => office.files.renewRootCrl(now), { code: "FILE_UNREADABLE" });
    assert.equal(office.files.renewRootCrl(now, new Map(), offline).number, 2n);
    await office.stop();
  });
});
