import { z } from "zod";
import { height } from "./shapes.ts";

/** Who seals now, and how likely each gateway is to be drawn next (guide §4.2.2 e, f). */
export const committeeAnswer = z.object({
  /** Null where every validator seals. */
  epoch: z
    .object({
      /** Members that are drawn, and for how many blocks. */
      seats: z.number().int(),
      epochBlocks: z.number().int(),
      /** The first block that this committee seals. */
      fromHeight: height,
      /** The first block of the next one. It is drawn when the block before is final, and not earlier. */
      nextFromHeight: height,
    })
    .nullable(),
  /** Everybody who may be drawn, by name; empty where nobody is. */
  gateways: z.array(
    z.object({
      id: z.string().regex(/^[0-9a-f]{20}$/),
      name: z.string(),
      isMember: z.boolean(),
      /** Availability as the chain knows it; `fullWeight` for one that was there whenever it was asked. */
      weight: z.number().int().nonnegative(),
      fullWeight: z.number().int(),
      /** Turns to propose that a member missed in a row. */
      missedTurns: z.number().int().nonnegative(),
    }),
  ),
});
