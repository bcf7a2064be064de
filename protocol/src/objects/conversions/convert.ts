import type { Conversion } from "../manifest.ts";
import { canonicalCsv } from "./csv.ts";
import { decodeText, type Encoding } from "./encodings.ts";
import { canonicalJson } from "./json.ts";
import { canonicalRows } from "./rows.ts";
import { unfit } from "./unfit.ts";

/** A conversion has to see the whole at once; plain bytes of any length are streamed. */
export const MAX_CONVERTED_BYTES = 33_554_432;

const rules: Readonly<Record<Exclude<Conversion, "bytes">, (text: string) => string>> = {
  json: canonicalJson,
  csv: canonicalCsv,
  rows: canonicalRows,
};

/**
 * The bytes that are cut and put, guide §4.4.1 a). One content has one form, whoever wrote it and with
 * whatever program; converting twice changes nothing (but `rows`, whose result is no longer its input).
 *
 * @param encoding of the text; undefined: UTF-8, or UTF-16 where a mark says so
 * @throws Fault OBJECT_CONVERSION, naming the line or the place
 */
export function convert(rule: Conversion, bytes: Uint8Array, encoding?: Encoding): Uint8Array {
  if (rule === "bytes") return bytes;
  if (bytes.length > MAX_CONVERTED_BYTES) {
    unfit(`${bytes.length} bytes; a conversion takes at most ${MAX_CONVERTED_BYTES}`);
  }
  return new TextEncoder().encode(rules[rule](decodeText(bytes, encoding)));
}
