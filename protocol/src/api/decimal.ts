import { z } from "zod";

/** A number in a path or a query: decimal digits and nothing else, so no "0x10", "1e3" or " ". */
export function decimal<Schema extends z.ZodType<number>>(schema: Schema) {
  const parse = (given: unknown) =>
    typeof given === "string" && /^(?:0|[1-9]\d{0,15})$/.test(given) ? Number(given) : given;
  return z.preprocess(parse, schema);
}
