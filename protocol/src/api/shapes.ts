import { z } from "zod";
import { decimal } from "./decimal.ts";

/** What the shapes of more than one domain are made of. */
export const hex32 = z.string().regex(/^[0-9a-f]{64}$/);
export const hexBytes = z.string().regex(/^(?:[0-9a-f]{2})*$/);
export const identityHex = z.string().regex(/^[0-9a-f]{20}$/);
export const base64url = z.string().regex(/^[A-Za-z0-9_-]*$/);
export const count = z.number().int().nonnegative();
export const height = z.number().int().nonnegative();
export const timeMs = z.number().int().nonnegative();
export const meterName = z.string().regex(/^[\x21-\x7e]{1,48}$/);
/** In a query: milliseconds, or a time with its zone. */
export const time = z.union([decimal(timeMs), z.iso.datetime({ offset: true })]);
/** Of a contract or an account of the Ethereum world. */
export const address = z.string().regex(/^0x[0-9a-fA-F]{40}$/);

/** How many items of a list, at most 500. */
export const limit = decimal(z.number().int().min(1).max(500));

export const pageQuery = z.object({
  limit: limit.default(50),
  cursor: z.string().max(128).optional(),
});

/** A page of a list; `next` is the cursor of the page after, null at the end. */
export function page<Item extends z.ZodType>(item: Item) {
  return z.object({ items: z.array(item), next: z.string().nullable() });
}
