import { z } from "zod";
import { decimal } from "./decimal.ts";
import { identityHex, limit, timeMs } from "./shapes.ts";

const serial = z.string().regex(/^(?:[0-9a-f]{2}){1,20}$/);
const requestId = z.string().regex(/^[0-9a-f]{32}$/);
const pem = z.string().min(1).max(16_384);
const name = z.string().min(1).max(64);
const attributes = z.record(z.string().max(32), z.string().max(128));
/** Everything but seats and organisations, which governance gives. */
const invited = z.enum([
  ...(["device", "application", "operator", "candidate"] as const),
  ...(["administrator", "supervisor", "auditor", "custodian"] as const),
]);
const role = z.string();
const flatLimit = limit.default(100);

/** Why a certificate is taken back, RFC 5280 §5.3.1. */
export const revocationReasons = [
  ...(["unspecified", "keyCompromise", "affiliationChanged", "superseded"] as const),
  ...(["cessationOfOperation", "privilegeWithdrawn"] as const),
] as const;

/** Why an issuing authority is. */
const authorityReasons = [
  ...(["unspecified", "authorityCompromise", "affiliationChanged"] as const),
  ...(["superseded", "cessationOfOperation"] as const),
] as const;

const certificate = z.object({
  serial,
  /** Id of the issuing authority. */
  authority: identityHex,
  purpose: z.enum(["signing", "encryption", "server", "client"]),
  name: z.string(),
  role: role.nullable(),
  /** Of the subject's signing key. */
  identity: identityHex.nullable(),
  notBeforeMs: timeMs,
  notAfterMs: timeMs,
  state: z.enum(["valid", "expired", "revoked"]),
  issuedBy: z.string(),
  replacedBy: serial.nullable(),
  revokedMs: timeMs.nullable(),
  reason: z.string().nullable(),
  revokedBy: z.string().nullable(),
  /** False while the chain has not heard of its last change. */
  recorded: z.boolean(),
});

const certificateDetail = certificate.extend({
  subject: z.string(),
  attributes,
  /** 32 bytes of the signed part's hash, in hex: what the chain holds. */
  fingerprint: z.string(),
  pem: z.string(),
  /** The issuing authority and the root. */
  chain: z.array(z.string()),
});

const request = z.object({
  id: requestId,
  authority: identityHex,
  name: z.string(),
  role,
  attributes,
  /** The operator who made the code. */
  askedBy: z.string(),
  hasEncryption: z.boolean(),
  /** Identity id of the signing key: what the device shows its installer. */
  identity: identityHex,
  state: z.enum(["pending", "approved", "rejected"]),
  createdMs: timeMs,
  decidedBy: z.string().nullable(),
  decidedMs: timeMs.nullable(),
  detail: z.string().nullable(),
  serials: z.array(serial),
});

/** What the requester sees: who knows the random id may ask. */
const requestAnswer = request.extend({
  /** PEM, the signing certificate first; empty until it is approved. */
  certificates: z.array(z.string()),
  /** PEM of the issuing authority and the root. */
  chain: z.array(z.string()),
});

const code = z.object({
  id: z.string(),
  authority: identityHex,
  name: z.string(),
  role,
  createdBy: z.string(),
  createdMs: timeMs,
  expiresMs: timeMs,
  state: z.enum(["open", "used", "expired", "locked"]),
});

const crl = z.object({
  authority: identityHex.nullable(),
  number: z.number().int(),
  thisUpdateMs: timeMs,
  nextUpdateMs: timeMs,
  revoked: z.number().int(),
  pem: z.string(),
});

/** Routes of the certificate authority (guide §6.1). */
export const certificateContract = {
  authorities: {
    summary: "The root and the issuing authorities, as PEM",
    answer: z.object({
      root: z.object({ subject: z.string(), serial, notAfterMs: timeMs, pem: z.string() }),
      issuing: z.array(
        z.object({
          id: identityHex,
          organisation: z.string(),
          serial,
          notAfterMs: timeMs,
          pem: z.string(),
          crlNumber: z.number().int(),
          crlNextUpdateMs: timeMs,
        }),
      ),
    }),
  },
  revokeAuthority: {
    summary: "Take an issuing authority back, for good, with all that it issued",
    params: z.object({ id: identityHex }),
    body: z.object({ reason: z.enum(authorityReasons) }),
    answer: z.object({
      organisation: z.string(),
      serial,
      /** From the block after this on nothing of it is taken; null while the chain has not heard. */
      height: z.number().int().nullable(),
    }),
  },
  crl: {
    summary: "The CRL of an authority; format der or pem for the bytes alone",
    query: z.object({
      /** Id of an issuing authority, or `root`; without it the first issuing one. */
      issuer: z.union([identityHex, z.literal("root")]).optional(),
      format: z.enum(["json", "pem", "der"]).default("json"),
    }),
    answer: crl,
  },
  certificates: {
    summary: "Certificates, the newest first",
    query: z.object({
      limit: flatLimit,
      cursor: z
        .string()
        .regex(/^\d{1,15}$/)
        .optional(),
      search: z.string().min(1).max(64).optional(),
      state: z.enum(["valid", "expired", "revoked"]).optional(),
      /** Valid ones, not replaced yet, that end within so many days. */
      endsWithinDays: decimal(z.number().int().min(1).max(3_650)).optional(),
    }),
    answer: z.object({ items: z.array(certificate), next: z.string().nullable() }),
  },
  certificate: {
    summary: "One certificate with its PEM and its chain",
    params: z.object({ serial }),
    answer: certificateDetail,
  },
  revokeCertificate: {
    summary: "Take a certificate back, for good",
    params: z.object({ serial }),
    body: z.object({ reason: z.enum(revocationReasons) }),
    answer: certificateDetail,
  },
  renewCertificate: {
    summary: "The next certificate, asked for with the subject's key",
    params: z.object({ serial }),
    /** A renewal request as base64url, see `protocol/pki/renewal-request`. */
    body: z.object({ renewal: z.string().regex(/^[A-Za-z0-9_-]{1,16384}$/) }),
    answer: certificateDetail,
  },
  certificateRequests: {
    summary: "Requests, pending ones first",
    query: z.object({
      limit: flatLimit,
      state: z.enum(["pending", "approved", "rejected"]).optional(),
    }),
    answer: z.object({ items: z.array(request) }),
  },
  submitCertificateRequest: {
    summary: "Hand in a request with a one-time code",
    body: z.object({
      /** Or it stands in the request as its challenge password. */
      code: z.string().min(1).max(64).optional(),
      /** PKCS#10 of the signing key, PEM. */
      signing: pem,
      /** PKCS#10 of the encryption key, PEM. */
      encryption: pem.optional(),
    }),
    answer: requestAnswer,
  },
  certificateRequest: {
    summary: "How a request stands, and its certificates",
    params: z.object({ id: requestId }),
    answer: requestAnswer,
  },
  approveCertificateRequest: {
    summary: "Issue what a request asks for",
    params: z.object({ id: requestId }),
    answer: requestAnswer,
  },
  rejectCertificateRequest: {
    summary: "Refuse a request",
    params: z.object({ id: requestId }),
    body: z.object({ detail: z.string().min(1).max(256) }),
    answer: requestAnswer,
  },
  enrolmentCodes: {
    summary: "Enrolment codes, without the codes themselves",
    query: z.object({ limit: flatLimit }),
    answer: z.object({ items: z.array(code) }),
  },
  createEnrolmentCode: {
    summary: "A one-time code for one subject; it is shown this once",
    body: z.object({
      name,
      role: invited,
      attributes: attributes.default({}),
      authority: identityHex.optional(),
      hours: z.number().int().min(1).max(720).default(24),
    }),
    answer: z.object({ code: z.string(), name: z.string(), role, expiresMs: timeMs }),
  },
} as const;
