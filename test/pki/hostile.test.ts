import assert from "node:assert/strict";
import { test } from "node:test";
import { der } from "@gridledger/protocol/crypto/der";
import { Fault } from "@gridledger/protocol/faults";
import { equalBytes } from "@gridledger/protocol/hex";
import {
  explicitTag,
  integer,
  octets,
  oidElement,
  sequence,
  TRUE,
  tag,
  utf8,
} from "@gridledger/protocol/pki/asn1-writer";
import { parseCertificate } from "@gridledger/protocol/pki/certificate";
import { verifyChain } from "@gridledger/protocol/pki/chain";
import { parseCrl, verifyCrl } from "@gridledger/protocol/pki/crl";
import { formatPem, parsePem } from "@gridledger/protocol/pki/pem";
import { createRequest, verifyRequest } from "@gridledger/protocol/pki/request";
import { signObject } from "@gridledger/protocol/pki/signed-object";
import fc from "fast-check";
import { Consortium, coded, NOW_MS, suiteNames } from "./consortium.ts";

const RUNS = 20_000;
/** Mutations of one run are the same in every run of the tests. */
const SEED = 20_260_101;

type Mutation = (bytes: Buffer) => Buffer;

/** What a stranger does to good bytes: flips, cuts, repeats, inserts, lengthens, puts in other tags. */
const mutation: fc.Arbitrary<Mutation> = fc
  .tuple(fc.nat(6), fc.nat(), fc.nat(), fc.integer({ min: 1, max: 255 }))
  .map(([kind, where, much, value]) => (bytes: Buffer) => {
    const at = where % bytes.length;
    const length = 1 + (much % 16);
    const [head, tail] = [bytes.subarray(0, at), bytes.subarray(at)];
    switch (kind) {
      case 0:
        return Buffer.concat([
          head,
          Buffer.of((tail[0]! ^ (1 << (much % 8))) & 0xff),
          tail.subarray(1),
        ]);
      case 1:
        return Buffer.concat([head, Buffer.of(value), tail.subarray(1)]);
      case 2:
        return bytes.subarray(0, at);
      case 3:
        return Buffer.concat([head, tail.subarray(length)]);
      case 4:
        return Buffer.concat([head, Buffer.alloc(length, value), tail]);
      case 5:
        return Buffer.concat([head, tail.subarray(0, length), tail]);
      default:
        return Buffer.concat([bytes, Buffer.alloc(length, value)]);
    }
  });

/** Runs `accept` on mutated bytes: it throws a Fault, and nothing else, unless they are the same. */
function survives(original: Uint8Array, accept: (bytes: Uint8Array) => void): void {
  const good: Buffer = Buffer.from(original);
  accept(good);
  let refused = 0;
  fc.assert(
    fc.property(fc.array(mutation, { minLength: 1, maxLength: 3 }), (mutations) => {
      const bytes = mutations.reduce<Buffer>(
        (sofar, mutate) => (sofar.length ? mutate(sofar) : sofar),
        good,
      );
      if (equalBytes(bytes, good)) return;
      assert.throws(() => accept(bytes), Fault);
      refused++;
    }),
    { numRuns: RUNS, seed: SEED },
  );
  assert.ok(refused > RUNS * 0.95);
}

for (const name of suiteNames) {
  const consortium = new Consortium(name);
  const { suite, authority, authorityActor } = consortium;

  test(`${name}: ${RUNS} mutated certificates are refused with a code`, () => {
    const chain = consortium.chain();
    survives(consortium.device.encoded, (bytes) =>
      verifyChain({ ...chain, certificate: parseCertificate(bytes) }),
    );
  });

  test(`${name}: ${RUNS} mutated authorities are refused with a code`, () => {
    const chain = consortium.chain();
    survives(authority.encoded, (bytes) =>
      verifyChain({ ...chain, intermediates: [parseCertificate(bytes)] }),
    );
  });

  test(`${name}: ${RUNS} mutated requests are refused with a code`, () => {
    const encoded = createRequest(suite, consortium.deviceActor.signer, {
      subject: { organisation: "China Southern Grid", role: "device", commonName: "gw" },
      challengePassword: "7F3K-22QX",
      altNames: { dns: ["gw.example"], ip: ["fd00::1"] },
    });
    survives(encoded, (bytes) => verifyRequest(bytes));
  });

  test(`${name}: ${RUNS} mutated CRLs are refused with a code`, () => {
    const revoked = { revokedAtMs: NOW_MS, reason: "keyCompromise" } as const;
    const crl = consortium.crl(consortium.issuer, new Map([["0102", revoked]]), 5n);
    survives(crl.encoded, (bytes) => verifyCrl(parseCrl(bytes), authority));
  });

  test(`${name}: cut short anywhere, or continued, it is malformed`, () => {
    for (const [encoded, parse] of [
      [consortium.device.encoded, parseCertificate],
      [consortium.crl().encoded, parseCrl],
    ] as const) {
      for (let length = 0; length < encoded.length; length++) {
        assert.throws(() => parse(encoded.subarray(0, length)), coded("PKI_MALFORMED"));
      }
      assert.throws(() => parse(Buffer.concat([encoded, encoded])), coded("PKI_MALFORMED"));
      assert.throws(() => parse(Buffer.alloc(5_000_000)), coded("PKI_LIMIT"));
    }
  });

  /** The device's certificate with one piece of its signed part replaced, signed by the authority. */
  const resigned = (from: Uint8Array, to: Uint8Array): Uint8Array => {
    const part = Buffer.from(consortium.device.signedPart);
    const at = part.indexOf(from);
    assert.ok(at > 0, "the piece is there");
    const header = part[1] === 0x82 ? 4 : 3;
    const body = [part.subarray(header, at), to, part.subarray(at + from.length)];
    return signObject(suite, authorityActor.signer, sequence(...body));
  };
  const point = consortium.device.key.point;
  const extension = (id: string, value: Uint8Array, ...critical: Uint8Array[]) =>
    sequence(oidElement(id), ...critical, octets(value));
  const usage = extension("2.5.29.15", Buffer.from("030206c0", "hex"), TRUE);
  const constraints = extension("2.5.29.19", sequence(), TRUE);

  for (const [what, from, to, code] of [
    ["a key off its curve", point, flipLast(point), "KEY_INVALID"],
    ["the point at infinity's look-alike", point, zeros(point), "KEY_INVALID"],
    [
      "a coordinate not below p",
      point,
      Buffer.concat([Buffer.of(4), Buffer.alloc(64, 0xff)]),
      "KEY_INVALID",
    ],
    ["a hybrid point", point, Buffer.concat([Buffer.of(6), point.subarray(1)]), "KEY_INVALID"],
    [
      "another curve",
      oidElement(consortium.device.key.algorithm.curve),
      oidElement("1.3.132.0.34"),
      "PKI_ALGORITHM",
    ],
    ["a BER boolean", TRUE, der(tag.boolean, Buffer.of(1)), "PKI_MALFORMED"],
    ["an explicit FALSE", TRUE, der(tag.boolean, Buffer.of(0)), "PKI_MALFORMED"],
    [
      "a second form of the key usage",
      Buffer.from("030206c0", "hex"),
      Buffer.from("030205c0", "hex"),
      "PKI_MALFORMED",
    ],
    [
      "a key usage of nothing",
      Buffer.from("030206c0", "hex"),
      Buffer.from("03020000", "hex"),
      "PKI_MALFORMED",
    ],
    [
      "version 1",
      Buffer.from("a003020102", "hex"),
      Buffer.from("a003020100", "hex"),
      "PKI_MALFORMED",
    ],
    [
      "a key that signs certificates without being an authority",
      Buffer.from("030206c0", "hex"),
      Buffer.from("03020106", "hex"),
      "CERTIFICATE_EXTENSION",
    ],
    ["another role than the one shown", utf8("device"), utf8("hubhub"), "CERTIFICATE_ROLE"],
    ["a role that nobody has", roleStart("device"), roleStart("emptor"), "CERTIFICATE_ROLE"],
    [
      "a time of another kind",
      Buffer.from("170d", "hex"),
      Buffer.from("180d", "hex"),
      "PKI_MALFORMED",
    ],
    ["30 February", Buffer.from("260101000000Z"), Buffer.from("260230000000Z"), "PKI_MALFORMED"],
    [
      "an end before the beginning",
      Buffer.from("260101000000Z"),
      Buffer.from("490101000000Z"),
      "PKI_MALFORMED",
    ],
  ] as const) {
    test(`${name}: ${what} is refused`, () => {
      assert.throws(() => parseCertificate(resigned(from, to)), coded(code));
    });
  }

  test(`${name}: extensions twice, unknown and critical, or none at all are refused`, () => {
    const start = Buffer.from(consortium.device.signedPart).lastIndexOf(Buffer.from(constraints));
    const list = consortium.device.signedPart.subarray(start);
    const outer = (content: Uint8Array) => der(explicitTag(3), sequence(content));
    const rebuilt = (content: Uint8Array) => resigned(outer(list), outer(content));
    parseCertificate(rebuilt(list));
    const joined = (...parts: Uint8Array[]) => rebuilt(Buffer.concat(parts));
    const unknown = extension("1.2.3.4", Buffer.of(5, 0));
    parseCertificate(joined(list, unknown));
    const critical = extension("1.2.3.4", Buffer.of(5, 0), TRUE);
    assert.throws(() => parseCertificate(joined(list, critical)), coded("CERTIFICATE_EXTENSION"));
    assert.throws(() => parseCertificate(joined(list, usage)), coded("PKI_MALFORMED"));
    assert.throws(() => parseCertificate(joined(list, unknown, unknown)), coded("PKI_MALFORMED"));
    assert.throws(() => parseCertificate(joined()), coded("PKI_MALFORMED"));
    assert.throws(() => parseCertificate(joined(constraints)), coded("CERTIFICATE_EXTENSION"));
    const rest = list.subarray(constraints.length);
    const basic = (content: Uint8Array) => extension("2.5.29.19", content, TRUE);
    const lone = basic(sequence(integer(0)));
    assert.throws(() => parseCertificate(joined(lone, rest)), coded("PKI_MALFORMED"));
    const idle = basic(sequence(TRUE));
    assert.throws(() => parseCertificate(joined(idle, rest)), coded("CERTIFICATE_EXTENSION"));
    const many = Array.from({ length: 30 }, (_, n) => extension(`1.2.3.${n}`, Buffer.of(5, 0)));
    assert.throws(() => parseCertificate(joined(list, ...many)), coded("PKI_MALFORMED"));
  });

  test(`${name}: the algorithm outside must be the one inside`, () => {
    const { identifier } = consortium.device;
    const other = sequence(oidElement("1.2.840.10045.4.3.3"));
    assert.throws(() => parseCertificate(resigned(identifier, other)), Fault);
  });
}

test("deep nesting does not exhaust the stack", () => {
  let nested: Uint8Array = Buffer.of(0x30, 0);
  while (nested.length < 8000) nested = sequence(nested);
  for (const parse of [parseCertificate, parseCrl, verifyRequest]) {
    assert.throws(() => parse(nested), Fault);
  }
});

test("the other s of an ECDSA signature gives the same certificate, not a second identity", () => {
  const consortium = new Consortium("international");
  const { device } = consortium;
  const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
  const s = BigInt(`0x${Buffer.from(device.signature.subarray(32)).toString("hex")}`);
  const other = Buffer.from((order - s).toString(16).padStart(64, "0"), "hex");
  const twin = { ...device, signature: Buffer.concat([device.signature.subarray(0, 32), other]) };
  assert.deepEqual(
    verifyChain(consortium.chain({ certificate: twin })),
    verifyChain(consortium.chain()),
  );
});

test("arbitrary bytes and texts are refused with a code", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      for (const parse of [parseCertificate, parseCrl, verifyRequest]) {
        assert.throws(() => parse(bytes), Fault);
      }
    }),
    { numRuns: 5000, seed: SEED },
  );
  const pem = formatPem("CERTIFICATE", Buffer.alloc(90, 1));
  fc.assert(
    fc.property(fc.nat(pem.length - 1), fc.string({ maxLength: 3 }), (at, text) => {
      try {
        parsePem("CERTIFICATE", pem.slice(0, at) + text + pem.slice(at + 1));
      } catch (thrown) {
        assert.ok(thrown instanceof Fault);
      }
    }),
    { numRuns: 5000, seed: SEED },
  );
});

/** How the role extension begins: the role, then the list of attributes. */
function roleStart(role: string): Uint8Array {
  return Buffer.concat([utf8(role), Buffer.of(0x30)]);
}

function flipLast(bytes: Uint8Array): Uint8Array {
  return Buffer.concat([bytes.subarray(0, -1), Buffer.of(bytes.at(-1)! ^ 1)]);
}

function zeros(bytes: Uint8Array): Uint8Array {
  return Buffer.concat([Buffer.of(4), Buffer.alloc(bytes.length - 1)]);
}
