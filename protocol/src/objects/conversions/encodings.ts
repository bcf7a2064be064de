import { Fault } from "../../faults.ts";

/** In which texts come in (WHATWG Encoding); what goes out is UTF-8. `gb18030` reads GBK and GB2312 too. */
export const encodings = ["utf-8", "gb18030", "utf-16le", "utf-16be"] as const;

export type Encoding = (typeof encodings)[number];

/**
 * The text of these bytes, without the mark at their beginning. Nothing is guessed: a mark says that it is
 * UTF-16, everything else has to be named, since GBK is often readable as something else.
 *
 * @throws Fault OBJECT_CONVERSION
 */
export function decodeText(bytes: Uint8Array, named: Encoding | undefined): string {
  const encoding = named ?? markedEncoding(bytes) ?? "utf-8";
  const text = decoded(bytes, encoding);
  if (text !== undefined) return text;
  const chinese = encoding === "utf-8" ? decoded(bytes, "gb18030") : undefined;
  const isChinese = chinese !== undefined && !chinese.includes("\0"); // as UTF-16 has them
  const hint = isChinese ? "; they can be read as GB18030 (GBK): name it, if they are" : "";
  throw new Fault("OBJECT_CONVERSION", `the bytes are not ${encoding.toUpperCase()}${hint}`);
}

function markedEncoding([first, second]: Uint8Array): Encoding | undefined {
  if (first === 0xff && second === 0xfe) return "utf-16le";
  return first === 0xfe && second === 0xff ? "utf-16be" : undefined;
}

/** Undefined where one byte is none of this encoding. */
function decoded(bytes: Uint8Array, encoding: Encoding): string | undefined {
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
