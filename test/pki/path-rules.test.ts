import assert from "node:assert/strict";
import { test } from "node:test";
import { der } from "@gridledger/protocol/crypto/der";
import type { FaultCode } from "@gridledger/protocol/faults";
import { Asn1Reader } from "@gridledger/protocol/pki/asn1-reader";
import {
  explicitTag,
  integer,
  oidElement,
  sequence,
  setOf,
  tag,
  utf8,
} from "@gridledger/protocol/pki/asn1-writer";
import { parseCertificate } from "@gridledger/protocol/pki/certificate";
import { verifyChain } from "@gridledger/protocol/pki/chain";
import { parseCrl } from "@gridledger/protocol/pki/crl";
import { encodeKeyUsage } from "@gridledger/protocol/pki/key-usage";
import { readName } from "@gridledger/protocol/pki/names";
import { oid } from "@gridledger/protocol/pki/oids";
import { type Actor, Consortium, coded, newActor, suiteNames } from "./consortium.ts";
import { extension, Forge, type Forged, generalizedTime, nameOf, utcTime } from "./forge.ts";

// The rules that NIST's PKITS tries (RFC 5280 §6), on certificates written here byte by byte.

const NULL = der(tag.null);
const cut = (bytes: Uint8Array) => bytes.subarray(0, -1);

for (const suiteName of suiteNames) {
  const consortium = new Consortium(suiteName);
  const { suite } = consortium;
  const forge = new Forge(consortium);
  const [root, middle, below, holder] = Array.from({ length: 4 }, () => newActor(suite)) as [
    Actor,
    Actor,
    Actor,
    Actor,
  ];
  const names = {
    root: nameOf("Root"),
    middle: nameOf("Middle"),
    below: nameOf("Below"),
    device: nameOf("gateway-7", "device"),
  };
  const rootOf = (pathLength?: number) =>
    parseCertificate(
      forge.certificate({
        ...{ holder: root, subject: names.root, issuer: names.root, signer: root },
        extensions: forge.authority(root, root, pathLength),
      }),
    );
  const leaf = (change: Partial<Forged> = {}) =>
    forge.certificate({
      ...{ holder, subject: names.device, issuer: names.root, signer: root },
      ...change,
    });
  const authority = (holderOf: Actor, subject = names.middle, change: Partial<Forged> = {}) =>
    forge.certificate({
      ...{ holder: holderOf, subject, issuer: names.root, signer: root },
      extensions: forge.authority(holderOf, change.signer ?? root),
      ...change,
    });
  const verify = (
    certificate: Uint8Array,
    intermediates: readonly Uint8Array[] = [],
    top = rootOf(),
  ) =>
    verifyChain({
      certificate: parseCertificate(certificate),
      intermediates: intermediates.map(parseCertificate),
      roots: [top],
      crls: [],
      atMs: Date.UTC(2026, 5, 1),
      usage: "signing",
      withoutCrl: "flag",
    });
  const refuses = (
    code: FaultCode,
    certificate: Uint8Array,
    intermediates: readonly Uint8Array[] = [],
  ) => assert.throws(() => verify(certificate, intermediates), coded(code));

  test(`${suiteName}: a chain written here byte by byte is a good one`, () => {
    assert.equal(verify(leaf()).role, "device");
    const byMiddle = leaf({ issuer: names.middle, signer: middle });
    assert.equal(verify(byMiddle, [authority(middle)]).commonName, "gateway-7");
  });

  test(`${suiteName}: who is no authority, or may not sign certificates, makes none (PKITS 4.6, 4.7)`, () => {
    const byMiddle = leaf({ issuer: names.middle, signer: middle });
    const without = (...extensions: Uint8Array[]) =>
      authority(middle, names.middle, { extensions });
    const [constraints, usage] = forge.authority(middle, root) as [Uint8Array, Uint8Array];
    refuses("CERTIFICATE_EXTENSION", byMiddle, [without(usage)]);
    refuses("CERTIFICATE_EXTENSION", byMiddle, [without(constraints)]);
    refuses("CERTIFICATE_EXTENSION", byMiddle, [
      without(constraints, extension(oid.keyUsage, encodeKeyUsage(["crlSigning"]), true)),
    ]);
    const noAuthority = extension(oid.basicConstraints, sequence(), true);
    refuses("CERTIFICATE_EXTENSION", byMiddle, [without(noAuthority, usage)]);
    const signsOnly = extension(oid.keyUsage, encodeKeyUsage(["digitalSignature"]), true);
    refuses("CERTIFICATE_PATH", byMiddle, [without(noAuthority, signsOnly)]);
  });

  test(`${suiteName}: a path length counts authorities, but not one that certifies itself anew (PKITS 4.6.9–4.6.17)`, () => {
    const limited = (length: number) =>
      authority(middle, names.middle, { extensions: forge.authority(middle, root, length) });
    const lower = authority(below, names.below, { issuer: names.middle, signer: middle });
    const byLower = leaf({ issuer: names.below, signer: below });
    assert.equal(verify(byLower, [lower, limited(1)]).role, "device");
    refuses("CERTIFICATE_PATH", byLower, [lower, limited(0)]);
    assert.throws(() => verify(byLower, [lower, limited(5)], rootOf(1)), coded("CERTIFICATE_PATH"));
    // The same authority with its next key.
    const itself = authority(below, names.middle, { issuer: names.middle, signer: middle });
    const byItself = leaf({ issuer: names.middle, signer: below });
    assert.equal(verify(byItself, [itself, limited(0)]).role, "device");
    const negative = extension(
      oid.basicConstraints,
      sequence(der(tag.boolean, Buffer.of(0xff)), der(tag.integer, Buffer.of(0xff))),
      true,
    );
    const usage = extension(oid.keyUsage, encodeKeyUsage(["certificateSigning"]), true);
    refuses("PKI_MALFORMED", byLower, [
      lower,
      authority(middle, names.middle, { extensions: [negative, usage] }),
    ]);
  });

  test(`${suiteName}: a critical extension that nobody here knows refuses, wherever it stands (PKITS 4.8–4.16)`, () => {
    const byMiddle = leaf({ issuer: names.middle, signer: middle });
    const unknown = {
      "certificate policies": [
        "2.5.29.32",
        sequence(sequence(oidElement("2.16.840.1.101.3.2.1.48.1"))),
      ],
      "policy mappings": ["2.5.29.33", sequence()],
      "policy constraints": ["2.5.29.36", sequence(der(0x80, Buffer.of(0)))],
      "inhibit any policy": ["2.5.29.54", integer(0)],
      "an unknown one": ["1.2.3.4.5", NULL],
    } as const;
    for (const [what, [id, value]] of Object.entries(unknown)) {
      const critical = { more: [extension(id, value, true)] };
      assert.throws(() => verify(leaf(critical)), coded("CERTIFICATE_EXTENSION"), what);
      refuses("CERTIFICATE_EXTENSION", byMiddle, [authority(middle, names.middle, critical)]);
      assert.equal(verify(leaf({ more: [extension(id, value)] })).role, "device", what);
    }
  });

  test(`${suiteName}: name constraints, critical or not, refuse: they are not kept here (PKITS 4.13)`, () => {
    const subtree = sequence(
      der(explicitTag(0), sequence(der(explicitTag(4), names.root.encoded))),
    );
    const byMiddle = leaf({ issuer: names.middle, signer: middle });
    for (const isCritical of [true, false]) {
      const more = [extension(oid.nameConstraints, subtree, isCritical)];
      refuses("CERTIFICATE_EXTENSION", byMiddle, [authority(middle, names.middle, { more })]);
    }
  });

  test(`${suiteName}: a time has one form: seconds, UTC, two digits of the year until 2049 (PKITS 4.2)`, () => {
    for (const notAfter of [
      ...[
        "3012312359Z",
        "301231235959",
        "301231235959+0800",
        "301231235959.5Z",
        "301331235959Z",
      ].map(utcTime),
      ...["20301231235959Z", "20501231235959.000Z", "2050123123Z", "20501231235959"].map(
        generalizedTime,
      ),
      der(tag.utf8String, Buffer.from("301231235959Z")),
    ]) {
      refuses("PKI_MALFORMED", leaf({ notAfter }));
    }
    for (const notAfter of ["20500101000000Z", "99991231235959Z"].map(generalizedTime)) {
      assert.equal(verify(leaf({ notAfter })).role, "device");
    }
    const long = leaf({ notAfter: generalizedTime("99991231235959Z") });
    assert.equal(parseCertificate(long).notAfterMs, Date.UTC(9999, 11, 31, 23, 59, 59));
    refuses(
      "CERTIFICATE_EXPIRED",
      leaf({ notBefore: utcTime("500101000000Z"), notAfter: utcTime("991231235959Z") }),
    );
  });

  test(`${suiteName}: serial numbers are positive and of 20 bytes at most, in one form (RFC 5280 §4.1.2.2)`, () => {
    const raw = (...digits: number[]) => der(tag.integer, Buffer.from(digits));
    for (const serial of [
      raw(0),
      raw(0xff),
      raw(0x80, ...Array<number>(15).fill(1)),
      raw(0, 1),
      raw(),
      raw(...Array<number>(21).fill(0x7f)),
      raw(...Array<number>(200).fill(0x7f)),
    ]) {
      refuses("PKI_MALFORMED", leaf({ serial }));
    }
    const largest = leaf({ serial: raw(...Array<number>(20).fill(0x7f)) });
    assert.equal(verify(largest).serial, "7f".repeat(20));
    assert.equal(verify(leaf({ serial: raw(0, 0x80) })).serial, "80");
  });

  test(`${suiteName}: BER that is not DER is refused: indefinite, long, constructed, unsorted`, () => {
    const good = leaf();
    const body = good.subarray(4);
    const indefinite = Buffer.concat([Buffer.of(0x30, 0x80), body, Buffer.of(0, 0)]);
    const padded = Buffer.concat([Buffer.of(0x30, 0x83, 0, good[2]!, good[3]!), body]);
    const huge = Buffer.concat([Buffer.of(0x30, 0x84, 0, 0, good[2]!, good[3]!), body]);
    for (const bytes of [indefinite, padded, huge, Buffer.of(0x30, 0x80, 0, 0)]) {
      assert.throws(() => parseCertificate(bytes), coded("PKI_MALFORMED"));
    }
    const constructed = sequence(oidElement("1.2.3"), der(0x24, der(tag.octetString, NULL)));
    refuses("PKI_MALFORMED", leaf({ more: [constructed] }));
    const multi = sequence(
      setOf(
        sequence(oidElement("2.5.4.10"), utf8("China Southern Grid")),
        sequence(oidElement("2.5.4.3"), utf8("gateway-7")),
      ),
    );
    assert.throws(() => readName(new Asn1Reader(multi)), coded("PKI_MALFORMED"));
  });

  test(`${suiteName}: versions 1 and 2, unique identifiers and two versions are refused`, () => {
    const version = (number: number) => der(explicitTag(0), integer(number));
    for (const wrong of [
      Buffer.alloc(0),
      version(0),
      version(1),
      version(3),
      Buffer.concat([version(2), version(2)]),
    ]) {
      refuses("PKI_MALFORMED", leaf({ version: wrong }));
    }
    refuses("PKI_MALFORMED", leaf({ unique: der(0x81, Buffer.of(0, 1)) }));
  });

  test(`${suiteName}: another algorithm, its parameters, or one inside and one outside are refused (PKITS 4.1)`, () => {
    const named = (id: string, ...parameters: Uint8Array[]) =>
      sequence(oidElement(id), ...parameters);
    const own = suiteName === "sm" ? oid.sm2WithSm3 : oid.ecdsaWithSha256;
    for (const other of [
      named("1.2.840.10045.4.1"), // ECDSA with SHA-1
      named("1.2.840.10045.4.3.3"), // ECDSA with SHA-384
      named("1.2.840.113549.1.1.11", NULL), // RSA with SHA-256
      named("1.3.101.112"), // Ed25519
      named(own, sequence()),
      named(own, NULL, NULL),
    ]) {
      refuses("PKI_ALGORITHM", leaf({ identifiers: [other, other] }));
    }
    const right = named(own);
    refuses("PKI_MALFORMED", leaf({ identifiers: [named("1.2.840.10045.4.3.3"), right] }));
  });

  test(`${suiteName}: a signature is two numbers in DER, whole and alone; and of this key`, () => {
    const one = der(tag.integer, Buffer.of(1));
    for (const [signature, code] of [
      [(value: Uint8Array) => cut(value), "PKI_MALFORMED"],
      [(value: Uint8Array) => Buffer.concat([value, Buffer.of(0)]), "PKI_MALFORMED"],
      [() => sequence(one), "PKI_MALFORMED"],
      [() => sequence(one, one, one), "PKI_MALFORMED"],
      [() => sequence(der(tag.integer, Buffer.of(0xff)), one), "PKI_MALFORMED"],
      [() => sequence(der(tag.integer, Buffer.alloc(67, 1)), one), "PKI_MALFORMED"],
      [() => sequence(der(tag.integer, Buffer.alloc(48, 1)), one), "PKI_ALGORITHM"],
      [
        () => sequence(der(tag.integer, Buffer.of(0)), der(tag.integer, Buffer.of(0))),
        "SIGNATURE_INVALID",
      ],
      [() => sequence(one, one), "SIGNATURE_INVALID"],
    ] as const) {
      refuses(code, leaf({ signature }));
    }
    refuses("CERTIFICATE_ISSUER_UNKNOWN", leaf({ signer: holder }));
    const stolen = { signer: holder, extensions: forge.device(root) };
    refuses("SIGNATURE_INVALID", leaf(stolen));
  });

  test(`${suiteName}: names chain byte by byte: another case, order or type of text is another name (PKITS 4.3)`, () => {
    for (const issuer of [
      nameOf("ROOT"),
      nameOf(" Root".trim().toLowerCase()),
      nameOf("Root", "device"),
    ]) {
      refuses("CERTIFICATE_ISSUER_UNKNOWN", leaf({ issuer }));
    }
  });

  test(`${suiteName}: a CRL covers its whole issuer, has a number and an end, and nothing critical that is unknown (PKITS 4.4, 4.14, 4.15)`, () => {
    const times = [utcTime("260501000000Z"), utcTime("260701000000Z")];
    const numbered = extension(oid.crlNumber, integer(5));
    const entry = (...more: Uint8Array[]) =>
      sequence(sequence(integer(7), utcTime("260502000000Z"), ...more));
    const crl = (
      extensions: readonly Uint8Array[],
      body = Buffer.concat(times),
      version?: Uint8Array,
    ) => forge.crl(root, names.root, { body, extensions, ...(version && { version }) });
    assert.equal(parseCrl(crl([numbered])).number, 5n);
    const wrong = (code: FaultCode, encoded: Uint8Array) =>
      assert.throws(() => parseCrl(encoded), coded(code));
    for (const isCritical of [true, false]) {
      const onlyUsers = sequence(der(0x81, Buffer.of(0xff)));
      wrong(
        "CERTIFICATE_EXTENSION",
        crl([numbered, extension("2.5.29.28", onlyUsers, isCritical)]),
      );
      wrong(
        "CERTIFICATE_EXTENSION",
        crl([numbered, extension("2.5.29.27", integer(1), isCritical)]),
      );
    }
    wrong("CERTIFICATE_EXTENSION", crl([numbered, extension("1.2.3", NULL, true)]));
    const indirect = sequence(extension("2.5.29.29", sequence(), true));
    wrong("CERTIFICATE_EXTENSION", crl([numbered], Buffer.concat([...times, entry(indirect)])));
    wrong("PKI_MALFORMED", crl([]));
    wrong("PKI_MALFORMED", crl([extension(oid.authorityKeyId, sequence())]));
    wrong("PKI_MALFORMED", crl([numbered], Buffer.from(times[0]!)));
    wrong("PKI_MALFORMED", crl([numbered], Buffer.concat(times.toReversed())));
    wrong("PKI_MALFORMED", crl([numbered], Buffer.concat([...times, sequence()])));
    wrong("PKI_MALFORMED", crl([numbered], Buffer.concat(times), integer(0)));
    wrong("PKI_MALFORMED", crl([extension(oid.crlNumber, der(tag.integer, Buffer.of(0xff)))]));
    wrong(
      "PKI_MALFORMED",
      crl([extension(oid.crlNumber, der(tag.integer, Buffer.alloc(21, 0x7f)))]),
    );
  });
}
