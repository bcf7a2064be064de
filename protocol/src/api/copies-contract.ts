import { z } from "zod";
import { count, identityHex } from "./shapes.ts";

const objectName = z.string().regex(/^(?:[0-9a-f]{64}|\d{1,15}\.\d{1,5})$/);

/** How a copy stands; `hub/objects/copies/copy-table` says what each means. */
const state = z.enum([
  ...(["missing", "held", "stale", "lying", "silent", "surplus", "erasing", "erased"] as const),
]);

const holder = z.object({
  holder: identityHex,
  name: z.string().nullable(),
  /** Of a hub's further store; null where a node keeps the copy itself. */
  store: z.string().nullable(),
});

const copy = holder.extend({
  state,
  /** A fault code where it is not held. */
  reason: z.string().nullable(),
  /** How often it was found bad. */
  faults: count,
  checkedMs: count,
  sinceMs: count,
  /** The holder has signed that it has all of it. */
  signed: z.boolean(),
});

const place = holder.extend({
  capacityBytes: count,
  /** Silent for too long, or full: nothing is placed there. */
  lost: z.boolean(),
});

/** Copies of objects, guide §10.5. */
export const copiesContract = {
  objectCopies: {
    summary: "Who keeps copies of an object beside its hub, and how each of them stands",
    params: z.object({ object: objectName }),
    answer: z.object({
      /** So many the rule wants. */
      wanted: count,
      held: count,
      /** The holders that the rule names, the first ones first. */
      placement: z.array(holder),
      copies: z.array(copy),
    }),
  },
  copies: {
    summary: "How the objects of the channel are kept, and who keeps them",
    answer: z.object({
      /** Copies beside the hub's own, by class. */
      wanted: z.object({ public: count, internal: count, confidential: count }),
      objects: count,
      underReplicated: count,
      /** Copies by how they stand. */
      copies: z.record(z.string(), count),
      /** When all were last looked at; null before. */
      lookedMs: count.nullable(),
      holders: z.array(place),
    }),
  },
} as const;

export type CopyView = z.output<typeof copy>;
export type CopiesView = z.output<(typeof copiesContract)["copies"]["answer"]>;
