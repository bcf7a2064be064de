import { z } from "zod";

/** Offences that stand on the chain, newest first: who did what, and the bytes that prove it. */
export const evidenceAnswer = z.object({
  items: z.array(
    z.object({
      /** Transaction that holds the evidence, and its block. */
      transaction: z.string().regex(/^[0-9a-f]{64}$/),
      recordedAt: z.number().int(),
      validator: z.object({
        id: z.string().regex(/^[0-9a-f]{20}$/),
        name: z.string(),
      }),
      offence: z.enum([
        "doubleProposal",
        "doublePrepare",
        "doubleCommit",
        "amnesia",
        "unjustifiedProposal",
      ]),
      /** Height at which it was committed. */
      height: z.number().int(),
      reporter: z.string().regex(/^[0-9a-f]{20}$/),
      /** The EVIDENCE message: two signed statements, or a proposal and its justification. */
      encoded: z.string().regex(/^[A-Za-z0-9_-]*$/),
    }),
  ),
});
