import { z } from "zod";
import { decimal } from "./decimal.ts";
import { proof } from "./proof-contract.ts";
import { base64url, height, hex32, identityHex, page, pageQuery, timeMs } from "./shapes.ts";

const pathHeight = decimal(height);

export const blockSummary = z.object({
  height,
  hash: hex32,
  timeMs,
  txCount: z.number().int(),
  readings: z.number().int(),
  bytes: z.number().int(),
  proposer: z.object({ index: z.number().int(), name: z.string() }),
  round: z.number().int(),
});

const sealSignature = z.object({
  signer: z.number().int(),
  name: z.string(),
  signature: base64url,
});

const work = z.object({
  /** Hashes that a block of this target takes on average. */
  difficulty: z.number(),
  nextDifficulty: z.number(),
  /** The largest hash that counts. */
  target: hex32,
  nonce: z.string(),
  /** Hashes that its miner tried for it since it last changed what it was looking for. */
  hashesTried: z.number(),
});

const blockDetail = blockSummary.extend({
  parentHash: hex32,
  txRoot: hex32,
  stateRoot: hex32,
  validatorsHash: hex32,
  nextValidatorsHash: hex32,
  /** The header's bytes, whose hash is the block's. */
  header: base64url,
  seal: z.object({
    round: z.number().int(),
    signatures: z.array(sealSignature),
    /** Blocks that follow and make this one final; empty where votes do. */
    confirmations: z.array(z.object({ height, hash: hex32, difficulty: z.number() })),
  }),
  /** Null where blocks are made by votes. */
  work: work.nullable(),
});

const transactionSummary = z.object({
  hash: hex32,
  height: height.nullable(),
  index: z.number().int().nullable(),
  kind: z.string(),
  sender: identityHex,
  senderName: z.string().nullable(),
  bytes: z.number().int(),
  meter: z.string().nullable(),
  readings: z.number().int().nullable(),
});

const register = z.object({
  obis: z.string(),
  unit: z.string(),
  scaler: z.number().int(),
  values: z.array(z.number().int().nullable()),
});

const transactionDetail = transactionSummary.extend({
  /** "final" is in a block · "spooled" is kept by the hub and sent until it is · "refused" never will be. */
  state: z.enum(["final", "spooled", "refused"]),
  refusal: z.object({ code: z.string(), detail: z.string() }).nullable(),
  validUntilHeight: height,
  blockTimeMs: timeMs.nullable(),
  /** The COSE_Sign1 as signed. */
  encoded: base64url,
  batch: z
    .object({
      meter: z.string(),
      sequence: z.number().int(),
      previousHash: hex32,
      timesMs: z.array(timeMs),
      registers: z.array(register),
    })
    .nullable(),
});

export const submitted = z.object({
  hash: hex32,
  state: z.enum(["final", "spooled"]),
  height: height.nullable(),
});

/** Blocks and transactions. */
export const ledgerContract = {
  blocks: { summary: "Blocks, newest first", query: pageQuery, answer: page(blockSummary) },
  block: {
    summary: "One block with its seal",
    params: z.object({ height: pathHeight }),
    answer: blockDetail,
  },
  blockTransactions: {
    summary: "Transactions of one block, in order",
    params: z.object({ height: pathHeight }),
    query: pageQuery,
    answer: page(transactionSummary),
  },
  transaction: {
    summary: "One transaction",
    params: z.object({ hash: hex32 }),
    answer: transactionDetail,
  },
  transactionProof: {
    summary: "Inclusion proof of one transaction",
    params: z.object({ hash: hex32 }),
    answer: proof,
  },
  submitTransaction: {
    summary: "Hand in a signed transaction; it is spooled durably before the answer",
    query: z.object({ waitMs: decimal(z.number().int().min(0).max(30_000)).default(0) }),
    body: z.object({ transaction: base64url.min(1).max(400_000) }),
    answer: submitted,
  },
} as const;
