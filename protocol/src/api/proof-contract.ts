import { z } from "zod";
import { base64url, hex32 } from "./shapes.ts";

/** A transaction and its place in a final block. */
const provenTransaction = {
  transaction: base64url,
  index: z.number().int().nonnegative(),
  path: z.array(hex32).max(17),
  header: base64url,
  seal: base64url,
};

/** A proof file: what `gridledger verify` checks with nothing but the genesis. */
export const proof = z.object({
  format: z.literal("gridledger-proof/1"),
  chainId: hex32,
  ...provenTransaction,
  /** Which reading of the batch is meant; absent for a whole transaction. */
  reading: z
    .strictObject({
      meter: z.string().regex(/^[\x21-\x7e]{1,48}$/),
      timeMs: z.number().int().nonnegative(),
    })
    .optional(),
  /** Changes of the validator set since the genesis, as CBOR; absent where there were none. */
  handovers: z.array(base64url).min(1).max(1_024).optional(),
  /** What gave the sender its key, where the genesis did not: enrolment, then rotations. */
  senderKeys: z.array(z.strictObject(provenTransaction)).min(1).max(1_024).optional(),
});

/** A proof that a row of a mapped table stands in an anchored batch (guide §9.2). */
export const rowProof = z.object({
  format: z.literal("gridledger-row-proof/1"),
  /** Of the anchor's transaction. */
  anchor: proof,
  /** `protocol/rows/mapped-table`. */
  table: base64url,
  /** `protocol/rows/row-leaf`, and its place in the batch. */
  leaf: base64url,
  index: z.number().int().nonnegative(),
  path: z.array(hex32).max(17),
  /** What is shown of the row: a column, or the row as a whole; the rest stays hidden. */
  shown: z
    .array(z.object({ column: z.number().int().min(0).max(255), salt: hex32, values: base64url }))
    .max(256),
});

export type Proof = z.output<typeof proof>;
export type RowProof = z.output<typeof rowProof>;
