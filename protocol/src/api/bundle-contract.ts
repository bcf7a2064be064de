import { z } from "zod";
import { MAX_CHUNKS } from "../objects/manifest.ts";
import { decimal } from "./decimal.ts";
import { proof } from "./proof-contract.ts";
import { base64url, hex32, hexBytes } from "./shapes.ts";

/**
 * One file that holds all that is needed to judge data of a chain, offline (guide §4.4.3): the data,
 * its path, header, seal and handovers, who signed it, and how that signer stood.
 */
export const evidenceBundle = z.object({
  format: z.literal("gridledger-evidence/1"),
  chainId: hex32,
  /** The genesis, for those who hold none: its hash is the chain id, which they must know from elsewhere. */
  genesis: base64url,
  /** Of the transaction; it may name one reading. */
  subject: proof.strict(),
  signer: z.strictObject({
    /** The key that came into the channel; `subject` shows what has been rotated since. */
    publicKey: base64url,
    /** Of the transaction that enrolled the key; absent where it stands in the genesis. */
    enrolment: proof.strict().optional(),
    /** Of the transactions that record what became of its certificates, ascending. */
    records: z.array(proof.strict()).max(64),
    /** DER of the signed part of its certificate of then, whose hash is on record; absent where there was none or it is not here. */
    certificate: base64url.optional(),
    /**
     * Whether it is revoked, by the state after a final block that is not before the evidence's: a proof that
     * no record is left out. Absent where no validator answered.
     */
    standing: z
      .strictObject({
        header: base64url,
        seal: base64url,
        handovers: z.array(base64url).min(1).max(1_024).optional(),
        /** `protocol/ledger/standing-proof`. */
        proof: base64url,
      })
      .optional(),
  }),
  /** What a contract call or deployment came to, under the receipt root of the same header. */
  receipt: z
    .strictObject({
      receipt: base64url,
      index: z.number().int().nonnegative(),
      size: z.number().int().nonnegative(),
      path: z.array(hex32).max(17),
    })
    .optional(),
  /** Chunks of the object that the transaction puts, each with its salt and its path. */
  chunks: z
    .array(
      z.strictObject({
        index: z.number().int().min(0).max(MAX_CHUNKS),
        salt: hexBytes,
        path: z.array(hex32).max(17),
        bytes: base64url,
      }),
    )
    .optional(),
});

export type EvidenceBundle = z.output<typeof evidenceBundle>;

const meter = z.string().regex(/^[\x21-\x7e]{1,48}$/);

export const bundleContract = {
  transactionBundle: {
    summary: "Evidence bundle of a transaction or of one reading in it",
    params: z.object({ hash: hex32 }),
    query: z.object({
      meter: meter.optional(),
      timeMs: decimal(z.number().int().nonnegative()).optional(),
    }),
    answer: evidenceBundle,
  },
  objectBundle: {
    summary: "Evidence bundle of an object with its bytes, or with one chunk of them",
    params: z.object({ object: z.string().regex(/^(?:[0-9a-f]{64}|\d{1,15}\.\d{1,5})$/) }),
    query: z.object({ chunk: decimal(z.number().int().min(0).max(MAX_CHUNKS)).optional() }),
    answer: evidenceBundle,
  },
} as const;
