import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { der } from "@gridledger/protocol/crypto/der";
import { derFromRaw } from "@gridledger/protocol/crypto/der-signature";
import { suiteByName } from "@gridledger/protocol/crypto/suites";
import {
  bits,
  explicitTag,
  integer,
  oidElement,
  sequence,
  setOf,
} from "@gridledger/protocol/pki/asn1-writer";
import { parseCertificate } from "@gridledger/protocol/pki/certificate";
import { encodeBasicConstraints } from "@gridledger/protocol/pki/certificate-extensions";
import { verifyChain } from "@gridledger/protocol/pki/chain";
import { encodeExtensions } from "@gridledger/protocol/pki/extension-list";
import { subjectName } from "@gridledger/protocol/pki/issue-certificate";
import { encodeKeyUsage } from "@gridledger/protocol/pki/key-usage";
import { oid } from "@gridledger/protocol/pki/oids";
import { formatPem, parsePem } from "@gridledger/protocol/pki/pem";
import { encodePublicKey, subjectPublicKey } from "@gridledger/protocol/pki/public-key";
import { createRequest } from "@gridledger/protocol/pki/request";
import { encodeSubjectRole } from "@gridledger/protocol/pki/role-extension";
import { DAY_MS, Office, ORGANISATION } from "./office.ts";

type Extension = Parameters<typeof encodeExtensions>[0][number];

describe("enrolment with a one-time code", () => {
  let office: Office;
  let names = 0;
  const freshName = () => `gateway-${++names}`;

  before(async () => {
    office = await new Office().start();
  });
  after(() => office.stop());

  /** A submission that is right but for what a test breaks. */
  async function rightSubmission(name = freshName()) {
    const key = office.builder.newKey(name);
    return {
      key,
      name,
      code: await office.code(name),
      signing: office.csr(key, { commonName: name }),
    };
  }

  async function refuses(
    submission: { code: string; signing: string; encryption?: string },
    code: string,
  ) {
    await assert.rejects(office.authority.desk.submit(submission), { code });
  }

  /** A request with extensions that ours never writes. */
  function wishing(name: string, ...extensions: Extension[]): string {
    const { suite } = office.builder.chain;
    const { signer } = office.builder.newKey(name);
    const attribute = sequence(
      oidElement(oid.extensionRequest),
      setOf(encodeExtensions(extensions)),
    );
    const info = sequence(
      integer(0),
      subjectName({ organisation: ORGANISATION, commonName: name }).encoded,
      encodePublicKey(subjectPublicKey(suite, signer.publicKey)),
      der(explicitTag(0), attribute),
    );
    const signature = bits(derFromRaw(signer.sign(info)));
    const identifier = sequence(oidElement(oid.ecdsaWithSha256));
    return formatPem("CERTIFICATE REQUEST", sequence(info, identifier, signature));
  }

  test("code, request, approval: a certificate, an identity on the chain, and its record", async () => {
    const [key, sealing] = [office.builder.newKey("a"), office.builder.newKey("b")];
    const [signing, encryption] = await office.enrol("gateway-x", key, sealing);
    const identity = office.directory.find(key.id)!;
    assert.equal(identity.role, "device");
    assert.equal(identity.standing?.isRevoked, false);
    assert.equal(signing!.identity, key.id);
    assert.equal(encryption!.identity, key.id);
    const { root, rootCrl, all } = office.authority.authorities;
    const verified = verifyChain({
      certificate: parseCertificate(signing!.encoded),
      intermediates: [all[0]!.certificate],
      roots: [root],
      crls: [rootCrl, office.authority.crls.current(all[0]!)],
      atMs: office.clock.now(),
      usage: "signing",
    });
    assert.equal(verified.commonName, "gateway-x");
    assert.equal(verified.attributes.get("feeder"), "10kV-3");
    assert.ok(!parseCertificate(encryption!.encoded).keyUsage.has("digitalSignature"));
    assert.equal(
      await office.authority.certificates.find(signing!.serial).then((c) => c?.toRecord),
      false,
    );
  });

  test("a code is for one request; the same request again is the same one", async () => {
    const { code, signing, name, key } = await rightSubmission();
    const first = await office.authority.desk.submit({ code, signing });
    const signedAgain = office.csr(key, { commonName: name });
    const again = await office.authority.desk.submit({ code, signing: signedAgain });
    assert.equal(again.id, first.id);
    const other = office.csr(office.builder.newKey(name), { commonName: name });
    await refuses({ code, signing: other }, "ENROLMENT_CODE_USED");
  });

  test("of two requests with one code at the same time one is taken", async () => {
    const { code, name, signing } = await rightSubmission();
    const other = office.csr(office.builder.newKey(name), { commonName: name });
    const outcomes = await Promise.allSettled(
      [signing, other].map((one) => office.authority.desk.submit({ code, signing: one })),
    );
    assert.equal(outcomes.filter(({ status }) => status === "fulfilled").length, 1);
  });

  test("five wrong guesses void a code, also at the same time, and the right one after them", async () => {
    const { code, signing } = await rightSubmission();
    const wrong = `${code.slice(0, -1)}${code.endsWith("0") ? "1" : "0"}`;
    const outcomes = await Promise.allSettled(
      Array.from({ length: 8 }, () => office.authority.desk.submit({ code: wrong, signing })),
    );
    const codes = outcomes.map((one) => (one.status === "rejected" ? one.reason.code : "taken"));
    assert.equal(codes.filter((one) => one === "ENROLMENT_CODE_INVALID").length, 5);
    assert.equal(codes.filter((one) => one === "ENROLMENT_CODE_LOCKED").length, 3);
    await refuses({ code, signing }, "ENROLMENT_CODE_LOCKED");
  });

  test("a code is not kept, only its hash, and it expires", async () => {
    const { code, signing } = await rightSubmission();
    const [kept] = await office.authority.codes.list(1);
    const secret = code.slice(7).replaceAll("-", "");
    assert.ok(!JSON.stringify(kept).includes(secret));
    office.clock.advance(DAY_MS + 1);
    await refuses({ code, signing }, "ENROLMENT_CODE_EXPIRED");
    await refuses({ code: "ZZZZZZ-0000", signing }, "ENROLMENT_CODE_INVALID");
  });

  test("a code may be typed in lower case without dashes, or stand in the request", async () => {
    const { code, signing } = await rightSubmission();
    const typed = code.toLowerCase().replaceAll("-", "");
    assert.equal((await office.authority.desk.submit({ code: typed, signing })).state, "pending");
    const name = freshName();
    const { signer } = office.builder.newKey(name);
    const encoded = createRequest(office.builder.chain.suite, signer, {
      subject: { organisation: ORGANISATION, commonName: name },
      challengePassword: await office.code(name),
    });
    const pem = formatPem("CERTIFICATE REQUEST", encoded);
    assert.equal((await office.authority.desk.submit({ signing: pem })).state, "pending");
  });

  test("a request for another name or organisation is refused", async () => {
    const { code, key, name } = await rightSubmission();
    await refuses(
      { code, signing: office.csr(key, { commonName: "somebody" }) },
      "REQUEST_SUBJECT",
    );
    const organisation = "State Grid";
    const foreign = office.csr(key, { commonName: name, organisation });
    await refuses({ code, signing: foreign }, "REQUEST_SUBJECT");
  });

  test("a request for a role that the code does not give is refused", async () => {
    const { code, key, name } = await rightSubmission();
    await refuses(
      { code, signing: office.csr(key, { commonName: name, role: "operator" }) },
      "REQUEST_ROLE",
    );
    const value = encodeSubjectRole({ role: "validator", attributes: new Map() });
    const wish = wishing(name, { oid: oid.role, isCritical: false, value });
    await refuses({ code, signing: wish }, "REQUEST_ROLE");
    await assert.rejects(office.code("v9", "validator"), { code: "REQUEST_ROLE" });
    await assert.rejects(office.code("h9", "hub"), { code: "REQUEST_ROLE" });
  });

  test("a request for the rights of an authority is refused", async () => {
    const { code, name } = await rightSubmission();
    const constraints = encodeBasicConstraints({ isAuthority: true, maxPathLength: undefined });
    const asAuthority = { oid: oid.basicConstraints, isCritical: true, value: constraints };
    await refuses({ code, signing: wishing(name, asAuthority) }, "REQUEST_AUTHORITY");
    const value = encodeKeyUsage(["crlSigning"]);
    const asSigner = { oid: oid.keyUsage, isCritical: true, value };
    await refuses({ code, signing: wishing(name, asSigner) }, "REQUEST_AUTHORITY");
  });

  test("a request of another curve, signed wrongly, off the curve or cut short is refused", async () => {
    const { code, signing, name } = await rightSubmission();
    const sm = suiteByName("sm");
    const subject = { organisation: ORGANISATION, commonName: name };
    const other = createRequest(sm, sm.signer(sm.generateKey()), { subject });
    await refuses({ code, signing: formatPem("CERTIFICATE REQUEST", other) }, "PKI_ALGORITHM");
    const [encoded] = parsePem("CERTIFICATE REQUEST", signing);
    const changed = (at: number, to?: number) => {
      const copy = Uint8Array.from(encoded!);
      copy[at] = to ?? copy[at]! ^ 1;
      return formatPem("CERTIFICATE REQUEST", copy);
    };
    await refuses({ code, signing: changed(encoded!.length - 1) }, "SIGNATURE_INVALID");
    const point = Buffer.from(encoded!).indexOf(Buffer.from([0x03, 0x42, 0x00, 0x04]));
    await refuses({ code, signing: changed(point + 10) }, "KEY_INVALID");
    const short = formatPem("CERTIFICATE REQUEST", encoded!.subarray(0, -5));
    await refuses({ code, signing: short }, "PKI_MALFORMED");
    await refuses({ code, signing: "hello" }, "PKI_MALFORMED");
  });

  test("one key is for one subject and one purpose", async () => {
    const key = office.builder.newKey("k");
    await office.enrol("gateway-key", key);
    const name = freshName();
    const again = { code: await office.code(name), signing: office.csr(key, { commonName: name }) };
    await refuses(again, "REQUEST_KEY");
    const own = await rightSubmission();
    const same = office.csr(own.key, { commonName: own.name });
    await refuses({ code: own.code, signing: own.signing, encryption: same }, "REQUEST_KEY");
    const validator = office.builder.validators[0]!;
    const stolen = await rightSubmission();
    const theirs = office.csr(validator, { commonName: stolen.name });
    await refuses({ code: stolen.code, signing: theirs }, "REQUEST_KEY");
  });

  test("who asked does not approve where there is a second operator, and nobody decides twice", async () => {
    const { code, signing } = await rightSubmission();
    const { id } = await office.authority.desk.submit({ code, signing });
    office.operators = 2;
    await assert.rejects(office.authority.approve(id, "alice"), { code: "APPROVAL_OWN" });
    await office.authority.approve(id, "bob");
    office.operators = 1;
    await assert.rejects(office.authority.approve(id, "bob"), { code: "REQUEST_DECIDED" });
    await assert.rejects(office.authority.desk.reject(id, "bob", "no"), {
      code: "REQUEST_DECIDED",
    });
    await assert.rejects(office.authority.approve("00", "bob"), { code: "NOT_FOUND" });
  });

  test("a rejected request gives no certificate and says why", async () => {
    const { code, signing, key } = await rightSubmission();
    const { id } = await office.authority.desk.submit({ code, signing });
    await office.authority.desk.reject(id, "bob", "unknown feeder");
    const request = await office.authority.desk.find(id);
    assert.deepEqual([request?.state, request?.detail], ["rejected", "unknown feeder"]);
    assert.deepEqual(await office.authority.certificates.ofKey(key.signer.publicKey), []);
  });

  test("founders get a certificate each, once", async () => {
    await office.authority.certifyFounders();
    await office.authority.certifyFounders();
    const { chain } = office.builder;
    for (const { publicKey, name } of chain.genesis.identities) {
      const found = await office.authority.certificates.ofKey(publicKey);
      assert.equal(found.length, 1, name);
      assert.ok(office.directory.find(found[0]!.identity!)?.standing);
    }
  });
});
