import { z } from "zod";
import { proof } from "./proof-contract.ts";
import { hex32, identityHex, limit, timeMs } from "./shapes.ts";

/** Public keys of outside suites may be longer than the ledger's own 33 bytes. */
const publicKey = z.string().regex(/^(?:[0-9a-f]{2}){1,65}$/);
const requestId = z.string().regex(/^[0-9a-f]{32}$/);
const height = z.number().int().nonnegative().nullable();
const bytes = (max: number) => z.string().regex(new RegExp(`^[A-Za-z0-9_-]{1,${max}}$`));
const transaction = bytes(16_384);
const sealed = bytes(2_048);
const box = bytes(8_192);
const text = (max: number) => z.string().regex(new RegExp(`^[^\\p{C}]{1,${max}}$`, "u"));
const flatLimit = limit.default(100);
const place = z.number().int().min(1).max(16);
/** Who owns the key says so; the hub holds them to it. */
const ofOwner = z.object({ owner: identityHex.optional() });
const party = z.object({ id: identityHex, name: z.string().nullable() });

const submitted = z.object({ hash: hex32, state: z.enum(["final", "spooled"]), height });

const keptKey = z.object({
  publicKey,
  label: z.string(),
  owner: party,
  threshold: z.number().int(),
  custodians: z.array(party.extend({ place, organisation: z.string() })),
  createdMs: timeMs,
  /** Of the record on the chain; null while it is on the way or where the chain refused it. */
  height,
});

const request = z.object({
  id: requestId,
  publicKey,
  label: z.string(),
  owner: party,
  requester: party,
  /** The account that handed it in. */
  askedBy: z.string(),
  /** The new key that shares are sealed to. */
  recipientKey: publicKey,
  reason: z.string(),
  legalBasis: z.string(),
  createdMs: timeMs,
  expiresMs: timeMs,
  state: z.enum(["sent", "open", "ready", "completed", "expired", "replaced", "refused"]),
  threshold: z.number().int(),
  custodians: z.array(
    party.extend({
      place,
      organisation: z.string(),
      /** `bad`: the share does not fit the commitments, says who asked. */
      share: z.enum(["waiting", "released", "bad"]),
    }),
  ),
  /** What the caller's own identity can do now; null where it is nothing. */
  waiting: z.enum(["release", "collect"]).nullable(),
});

const requestDetail = request.extend({
  escrow: z.object({ box, sealedShares: z.array(sealed) }),
  /** Empty until enough have come, and open to the new key alone. */
  releases: z.array(z.object({ place, sealed })),
  /** That the key is kept by these custodians under these commitments. */
  keptProof: proof,
  /** That it was asked for, by whom and to which new key; null while that is not final. */
  askedProof: proof.nullable(),
});

const notice = z.object({
  position: z.number().int(),
  timeMs,
  what: z.enum(["kept", "asked", "released", "bad-share", "completed"]),
  publicKey,
  label: z.string(),
  /** Null where the key was only given to custodians. */
  request: requestId.nullable(),
  by: party,
  detail: z.string(),
});

/** Keys of others, guide §6.2: recovery of encryption keys (`protocol/recovery`), and keys handed over sealed. */
export const recoveryContract = {
  recoveryKeys: {
    summary: "Encryption keys that custodians keep",
    query: ofOwner.extend({ limit: flatLimit }),
    answer: z.object({ items: z.array(keptKey) }),
  },
  keepKey: {
    summary: "Give an encryption key to custodians: the signed record and the sealed shares",
    body: z.object({
      transaction,
      label: text(64),
      box,
      sealedShares: z.array(sealed).min(2).max(16),
    }),
    answer: submitted.extend({ publicKey }),
  },
  custodians: {
    summary: "Who could keep a share, with encryption certificate and chain",
    answer: z.object({
      items: z.array(
        party.extend({
          organisation: z.string(),
          pem: z.string(),
          chain: z.array(z.string()),
        }),
      ),
    }),
  },
  recoveryRequests: {
    summary: "Requests for recovery, the newest first",
    query: ofOwner.extend({ limit: flatLimit }),
    answer: z.object({ items: z.array(request) }),
  },
  recoveryRequest: {
    summary: "One request with what custodians and the requester need; no opened share is in it",
    params: z.object({ id: requestId }),
    query: ofOwner,
    answer: requestDetail,
  },
  askForKey: {
    summary: "Ask for a kept key, with a reason and a legal basis",
    body: ofOwner.extend({
      transaction,
      reason: text(512),
      legalBasis: text(512),
      expiresMs: timeMs,
    }),
    answer: submitted.extend({ id: requestId }),
  },
  releaseShare: {
    summary: "Approve a request: one's share, sealed to the requester's new key",
    params: z.object({ id: requestId }),
    body: z.object({ transaction, sealed }),
    answer: submitted,
  },
  reportShares: {
    summary: "Say which shares do not fit the commitments; their custodians are told",
    params: z.object({ id: requestId }),
    body: ofOwner.extend({ places: z.array(place).min(1).max(16) }),
    answer: z.object({ reported: z.array(place) }),
  },
  completeRecovery: {
    summary: "Say that the key is back",
    params: z.object({ id: requestId }),
    body: ofOwner.extend({ transaction }),
    answer: submitted,
  },
  deliverKey: {
    summary: "Make a key for a person or a device, sealed; passphrase and id are shown this once",
    body: z.object({
      name: text(64),
      role: z.enum([
        ...(["device", "application", "operator", "candidate"] as const),
        ...(["administrator", "supervisor", "auditor", "custodian"] as const),
      ]),
      purpose: z.enum(["signing", "encryption"]).default("signing"),
      /** Seal to this encryption key, base64url; without it a passphrase is made. */
      recipientKey: bytes(128).optional(),
    }),
    answer: z.object({
      id: requestId,
      publicKey,
      passphrase: z.string().nullable(),
      expiresMs: timeMs,
    }),
  },
  fetchKey: {
    summary: "The sealed key of a delivery, once; the hub forgets it",
    params: z.object({ id: requestId }),
    answer: z.object({
      form: z.enum(["page", "sealed"]),
      purpose: z.enum(["signing", "encryption"]),
      publicKey,
      content: bytes(16_384),
    }),
  },
  recoveryNotices: {
    summary: "What was done with keys of the caller's identity, and what asks for its share",
    query: z.object({ limit: flatLimit }),
    answer: z.object({ items: z.array(notice) }),
  },
} as const;
