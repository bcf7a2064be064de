import { Fault } from "@gridledger/protocol/faults";
import { parseCertificate } from "@gridledger/protocol/pki/certificate";
import { parseCrl } from "@gridledger/protocol/pki/crl";
import {
  type CertificateFields,
  issueCertificate,
  issueRoot,
} from "@gridledger/protocol/pki/issue-certificate";
import { issueCrl } from "@gridledger/protocol/pki/issue-crl";
import { decodeOid, encodeOid } from "@gridledger/protocol/pki/oids";
import { formatPem, parsePem } from "@gridledger/protocol/pki/pem";
import { createRequest, verifyRequest } from "@gridledger/protocol/pki/request";
import { fixedSigner, suite } from "./fixed-signer.ts";
import type { Target } from "./fuzz.ts";

const START_MS = Date.UTC(2026, 0, 1);
const DAY_MS = 86_400_000;
const [rootSigner, deviceSigner] = [fixedSigner(5), fixedSigner(6)];
const serialRandom = new Uint8Array(16).fill(3);

const root = issueRoot(suite, rootSigner, {
  ...{ serialRandom, publicKey: rootSigner.publicKey },
  ...{ notBeforeMs: START_MS, notAfterMs: START_MS + 3_650 * DAY_MS },
  subject: { country: "CN", organisation: "Grid", commonName: "Grid CA" },
  profile: { kind: "authority", maxPathLength: 1 },
});
const issuer = { suite, signer: rootSigner, certificate: root };
const subject: CertificateFields["subject"] = {
  ...{ country: "CN", organisation: "Grid", commonName: "网关 gateway-7" },
  ...{ deviceSerial: "GW-0007", role: "device", attributes: new Map([["feeder", "10kV-3"]]) },
};
const device = issueCertificate(issuer, {
  ...{ serialRandom, publicKey: deviceSigner.publicKey, subject },
  ...{ notBeforeMs: START_MS, notAfterMs: START_MS + 365 * DAY_MS },
  profile: { kind: "signing", tlsClient: true },
  crlUri: "http://hub.example/crl/grid.crl",
});
const crl = issueCrl(issuer, {
  ...{ number: 7n, thisUpdateMs: START_MS, nextUpdateMs: START_MS + DAY_MS },
  revoked: new Map([[device.serial, { revokedAtMs: START_MS, reason: "keyCompromise" }]]),
});
export const encodedCertificate = device.encoded;
export const encodedCrl = crl.encoded;
const { attributes: _, ...asked } = subject;
export const request = createRequest(suite, deviceSigner, {
  subject: asked,
  challengePassword: "one-time-code",
  altNames: { dns: ["hub.example"], ip: ["10.0.0.7"] },
});

const of = (file: string, ...names: readonly string[]) =>
  names.map((name) => `protocol/src/pki/${file}#${name}`);

/** What a certificate is taken apart with; none of it is a door of its own. */
const inCertificates = [
  ...of("alt-names", "readAltNames", "readCrlUri"),
  ...of("certificate-extensions", "readCertificateExtensions", "readBasicConstraints"),
  ...of("certificate", "readSerial", "parseSignedPart", "parseCertificate"),
  ...of("key-id", "readSubjectKeyId", "readAuthorityKeyId"),
  ...of("key-usage", "readKeyUsage", "readExtendedUsage"),
  ...of("names", "readName"),
  ...of("public-key", "readPublicKey"),
  ...of("role-extension", "readSubjectRole"),
  ...of("signed-object", "readSigned"),
  ...of("times", "readTime"),
];

const labels = ["CERTIFICATE", "CERTIFICATE REQUEST", "X509 CRL"] as const;

export const pkiTargets: Readonly<Record<string, Target>> = {
  x509: {
    covers: inCertificates,
    samples: [root.encoded, device.encoded],
    run: (bytes) => parseCertificate(bytes).encoded,
  },
  crl: {
    covers: [...of("crl", "parseCrl"), ...of("crl-reasons", "readCrlReason")],
    samples: [crl.encoded],
    run: (bytes) => parseCrl(bytes).encoded,
  },
  csr: {
    covers: [],
    samples: [request],
    run: (bytes) => verifyRequest(bytes).encoded,
  },
  oid: {
    covers: of("oids", "decodeOid"),
    samples: [encodeOid("1.2.840.10045.4.3.2"), encodeOid("2.999.1")],
    run: (bytes) => encodeOid(decodeOid(bytes)),
  },
  pem: {
    covers: of("pem", "parsePem"),
    samples: [
      Buffer.from(
        formatPem("CERTIFICATE", device.encoded) + formatPem("CERTIFICATE", root.encoded),
      ),
      Buffer.from(formatPem("X509 CRL", crl.encoded)),
    ],
    run: (bytes) => {
      const text = Buffer.from(bytes).toString("latin1");
      const label = labels.find((known) => text.includes(`BEGIN ${known}-`));
      if (label === undefined) throw new Fault("PKI_MALFORMED", "no label");
      parsePem(label, text);
      return undefined;
    },
  },
};
