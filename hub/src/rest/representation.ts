import { Encoder } from "cbor-x";
import type { Context } from "hono";

/** An answer's bytes in the form that the caller asked for. */
interface Representation {
  readonly contentType: "application/json" | "application/cbor";
  readonly body: string | Uint8Array<ArrayBuffer>;
}

/** From here on cbor-x writes a whole number as a float; as a bigint it stays an integer. */
const FIRST_FLOAT = 2 ** 32;

// Plain maps, so that any CBOR library reads them; nothing of this is hashed or signed.
const encoder = new Encoder({ useRecords: false, variableMapSize: true, tagUint8Array: false });

/** JSON, or CBOR (RFC 8949) for `Accept: application/cbor`: about half the bytes on a metered link. */
export function represent(context: Context, answer: unknown): Representation {
  context.header("vary", "Accept");
  if (!asksForCbor(context.req.header("accept") ?? "")) {
    return { contentType: "application/json", body: JSON.stringify(answer) };
  }
  return { contentType: "application/cbor", body: Uint8Array.from(encoder.encode(whole(answer))) };
}

/** True when `application/cbor` stands before any JSON; quality values are not weighed. */
function asksForCbor(accept: string): boolean {
  const wanted = accept.split(",").map((part) => part.split(";")[0]?.trim());
  const cbor = wanted.indexOf("application/cbor");
  const json = wanted.indexOf("application/json");
  return cbor >= 0 && (json < 0 || cbor < json);
}

function whole(value: unknown): unknown {
  if (typeof value === "number") {
    return Number.isSafeInteger(value) && Math.abs(value) >= FIRST_FLOAT ? BigInt(value) : value;
  }
  if (Array.isArray(value)) return value.map(whole);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).filter(([, inner]) => inner !== undefined);
  return Object.fromEntries(entries.map(([key, inner]) => [key, whole(inner)]));
}
