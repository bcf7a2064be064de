import { Fault } from "../../faults.ts";
import type { Conversion } from "../manifest.ts";
import { canonicalCsv } from "./csv.ts";
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
 * @throws Fault OBJECT_CONVERSION, naming the line or the place
 */
export function convert(rule: Conversion, bytes: Uint8Array): Uint8Array {
  if (rule === "bytes") return bytes;
  if (bytes.length > MAX_CONVERTED_BYTES) {
    unfit(`${bytes.length} bytes; a conversion takes at most ${MAX_CONVERTED_BYTES}`);
  }
  return new TextEncoder().encode(rules[rule](textOf(bytes)));
}

/** UTF-8 without its mark at the beginning. */
function textOf(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new Fault("OBJECT_CONVERSION", "the bytes are not UTF-8", { cause });
  }
}
