import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, test } from "node:test";
import { equalBytes } from "@gridledger/protocol/hex";
import { decodeRenewalAnswer, encodeRenewal } from "@gridledger/protocol/messages/renewal";
import { certificateFingerprint, parseCertificate } from "@gridledger/protocol/pki/certificate";
import { certifiedIdentity } from "@gridledger/protocol/pki/certified-identity";
import { topics } from "@gridledger/protocol/topics";
import { RenewalListener } from "../../hub/src/ca/renewal-listener.ts";
import type { Key } from "../support/chain-builder.ts";
import { MemoryBus } from "../support/memory-bus.ts";
import { DAY_MS, Office } from "./office.ts";
import { renewalOf } from "./renewals.ts";

describe("renewal", () => {
  let office: Office;
  let device: Key;
  let serial: string;

  beforeEach(async () => {
    office = await new Office().start();
    device = office.builder.newKey("gateway-7");
    const [signing] = await office.enrol("gateway-7", device);
    serial = signing!.serial;
  });
  afterEach(() => office.stop());

  const renewal = (options: Partial<Parameters<typeof renewalOf>[1]> = {}) =>
    renewalOf(office, { serial, by: device, name: "gateway-7", ...options });
  const renew = (options?: Parameters<typeof renewal>[0]) =>
    office.authority.renew(renewal(options));

  test("in its last third a certificate is replaced by one for the same key, and the chain hears of it", async () => {
    await assert.rejects(renew(), { code: "RENEWAL_EARLY" });
    office.clock.advance(250 * DAY_MS);
    const renewed = await renew();
    assert.ok(equalBytes(renewed.publicKey, device.signer.publicKey));
    assert.ok(renewed.notAfterMs > office.clock.now() + 300 * DAY_MS);
    const parsed = parseCertificate(renewed.encoded);
    assert.equal(parsed.subjectRole?.attributes.get("feeder"), "10kV-3");
    await office.authority.recorder.run();
    const standing = office.directory.find(device.id)!.standing!;
    assert.ok(!standing.isRevoked);
    assert.equal((await office.authority.certificates.find(serial))?.replacedBy, renewed.serial);
  });

  test("said again, because the answer was lost, it gives the same certificate", async () => {
    office.clock.advance(300 * DAY_MS);
    const first = await renew();
    assert.equal((await renew()).serial, first.serial);
    await assert.rejects(renew({ key: office.builder.newKey("new") }), { code: "RENEWAL_LATE" });
  });

  test("of two renewals at the same time one certificate comes", async () => {
    office.clock.advance(300 * DAY_MS);
    const outcomes = await Promise.allSettled([renew(), renew(), renew()]);
    const serials = outcomes.flatMap((one) => (one.status === "fulfilled" ? one.value.serial : []));
    assert.equal(new Set(serials).size, 1);
    assert.equal((await office.authority.certificates.ofKey(device.signer.publicKey)).length, 2);
  });

  test("a device whose certificate expired months ago comes back; after years it asks for a code", async () => {
    office.clock.advance((365 + 200) * DAY_MS);
    const renewed = await renew();
    serial = renewed.serial;
    office.clock.advance((365 + 731) * DAY_MS);
    await assert.rejects(renew(), { code: "RENEWAL_LATE" });
  });

  test("after a rotation the certificate names the key of now, at once, under the same identity", async () => {
    const second = { ...office.builder.newKey("second"), id: device.id };
    await assert.rejects(renew({ by: second }), { code: "SIGNATURE_INVALID" });
    office.rotate(device.id, second.signer);
    const renewed = await renew({ by: second });
    assert.ok(equalBytes(renewed.publicKey, second.signer.publicKey));
    assert.equal(renewed.identity, device.id);
    const certificate = parseCertificate(renewed.encoded);
    assert.equal(certifiedIdentity(office.builder.chain.suite.hash, certificate), device.id);
    assert.equal(certificate.subjectRole?.attributes.get("feeder"), "10kV-3");
    await office.authority.recorder.run();
    const { fingerprint } = office.directory.find(device.id)!.standing!;
    assert.ok(equalBytes(fingerprint, certificateFingerprint(certificate)));
    const before = await office.authority.certificates.find(serial);
    assert.deepEqual([before?.replacedBy, before?.revokedMs], [renewed.serial, null]);
    assert.equal((await renew({ by: second })).serial, renewed.serial);
    // The next one is for the same key: in its own time.
    serial = renewed.serial;
    await assert.rejects(renew({ by: second }), { code: "RENEWAL_EARLY" });
    const third = { ...office.builder.newKey("third"), id: device.id };
    office.rotate(device.id, third.signer, 3);
    const last = parseCertificate((await renew({ by: third })).encoded);
    assert.equal(certifiedIdentity(office.builder.chain.suite.hash, last), device.id);
  });

  test("a key that was rotated from, or waits, is certified no more and not yet", async () => {
    const second = { ...office.builder.newKey("second"), id: device.id };
    office.clock.advance(300 * DAY_MS);
    office.rotate(device.id, second.signer);
    await assert.rejects(renew(), { code: "SIGNATURE_INVALID" });
    await assert.rejects(renew({ by: second, key: device }), { code: "REQUEST_KEY" });
    const waiting = office.builder.newKey("waiting");
    const [suiteId, fromHeight] = [office.builder.chain.suite.id, office.height + 9];
    const next = { epoch: 3, suiteId, publicKey: waiting.signer.publicKey, fromHeight };
    office.directory.rotate(Buffer.from(device.id, "hex"), next, office.height);
    await assert.rejects(renew({ by: second, key: waiting }), { code: "REQUEST_KEY" });
    await assert.rejects(office.enrol("gateway-7", waiting), { code: "REQUEST_KEY" });
  });

  test("an answer that was lost before the rotation holds nothing up", async () => {
    office.clock.advance(300 * DAY_MS);
    const lost = await renew();
    const second = { ...office.builder.newKey("second"), id: device.id };
    office.rotate(device.id, second.signer);
    const renewed = await renew({ by: second });
    assert.equal(
      (await office.authority.certificates.find(lost.serial))?.replacedBy,
      renewed.serial,
    );
  });

  test("with a code a device gets a certificate for its rotated key, and stays who it is", async () => {
    const second = office.builder.newKey("second");
    office.rotate(device.id, second.signer);
    const [certificate] = await office.enrol("gateway-7", second);
    assert.equal(certificate!.identity, device.id);
    assert.equal(office.directory.find(second.id), undefined);
  });

  test("a revoked device does not come back, by the authority's word or the chain's alone", async () => {
    office.clock.advance(400 * DAY_MS);
    const record = { identityId: Buffer.from(device.id, "hex"), reason: "keyCompromise" } as const;
    const nothing = { certificateKey: new Uint8Array(32), fingerprint: new Uint8Array(32) };
    office.directory.record({ ...record, ...nothing, action: "revoked" }, 9);
    await assert.rejects(renew(), { code: "IDENTITY_REVOKED" });
    await office.authority.revoke(serial, "keyCompromise", "bob");
    await assert.rejects(renew(), { code: "CERTIFICATE_REVOKED" });
  });

  test("nobody renews with another key, for another chain, name or role", async () => {
    office.clock.advance(300 * DAY_MS);
    await assert.rejects(renew({ by: office.builder.devices[0]! }), { code: "SIGNATURE_INVALID" });
    const other = new Office();
    const chainId = other.builder.chain.chainId;
    await assert.rejects(renew({ chainId }), { code: "SIGNATURE_INVALID" });
    await assert.rejects(renew({ name: "gateway-8" }), { code: "REQUEST_SUBJECT" });
    await assert.rejects(renew({ role: "operator" }), { code: "REQUEST_ROLE" });
    await assert.rejects(renew({ serial: "77" }), { code: "NOT_FOUND" });
  });

  test("rekeying certifies a new key and enrols it; the old one stands until it is revoked", async () => {
    office.clock.advance(300 * DAY_MS);
    const fresh = office.builder.newKey("fresh");
    const renewed = await renew({ key: fresh });
    await office.authority.recorder.run();
    assert.equal(renewed.identity, fresh.id);
    assert.equal(office.directory.find(fresh.id)?.role, "device");
    assert.equal(office.directory.find(device.id)?.standing?.isRevoked, false);
    const taken = await office.enrol("gateway-9", office.builder.newKey("9"));
    serial = renewed.serial;
    office.clock.advance(300 * DAY_MS);
    const theirs = { signer: office.builder.devices[1]!.signer };
    assert.ok(taken.length > 0);
    await assert.rejects(renew({ by: fresh, key: { ...device, ...theirs } }), {
      code: "REQUEST_KEY",
    });
  });

  test("an encryption certificate is rekeyed with the word of the subject's signing key", async () => {
    const [key, sealing] = [office.builder.newKey("k"), office.builder.newKey("s")];
    const [, encryption] = await office.enrol("gateway-8", key, sealing);
    office.clock.advance(300 * DAY_MS);
    const next = office.builder.newKey("next");
    const order = { serial: encryption!.serial, name: "gateway-8", key: next };
    await assert.rejects(renew({ ...order, by: sealing }), { code: "SIGNATURE_INVALID" });
    const renewed = await renew({ ...order, by: key });
    assert.deepEqual([renewed.purpose, renewed.identity], ["encryption", key.id]);
  });

  test("over MQTT the answer is the chain of certificates, or a code", async () => {
    const { chain, hub } = office.builder;
    const bus = new MemoryBus();
    const log = { debug() {}, info() {}, warn() {}, error() {} };
    new RenewalListener({ chain, bus, authority: office.authority, log }, hub.id).start();
    const ask = async () => {
      bus.publish(topics.renewal("test", hub.id, device.id), encodeRenewal(renewal()));
      const answers = () => bus.on(new RegExp(`/q/${device.id}/`));
      const before = answers().length;
      while (answers().length === before) await new Promise((resolve) => setImmediate(resolve));
      return decodeRenewalAnswer(answers().at(-1)!);
    };
    assert.equal((await ask()).code, "RENEWAL_EARLY");
    office.clock.advance((365 + 90) * DAY_MS);
    const { certificates, code } = await ask();
    assert.equal(code, undefined);
    const [renewed, issuer] = certificates.map(parseCertificate);
    assert.ok(equalBytes(renewed!.key.publicKey, device.signer.publicKey));
    assert.ok(issuer!.isAuthority);
    bus.publish(topics.renewal("test", hub.id, device.id), Uint8Array.of(1, 2, 3));
    assert.equal((await ask()).code, undefined);
  });
});
