import { type CborReader, majorType } from "@gridledger/protocol/cbor/reader";

type Any = number | Uint8Array | string | boolean | null | Any[] | Map<Any, Any>;

/** The next item as a value, for comparing with vectors: the shipped code always names the shape. */
export function readAny(reader: CborReader): Any {
  if (reader.isNull) {
    reader.null("item");
    return null;
  }
  const many = Number.MAX_SAFE_INTEGER;
  switch (reader.peek()) {
    case majorType.uint:
    case majorType.negative:
      return reader.int("item");
    case majorType.bytes:
      return reader.bytes("item", many);
    case majorType.text:
      return reader.text("item", many);
    case majorType.array:
      return Array.from({ length: reader.array("item", many) }, () => readAny(reader));
    case majorType.map: {
      const entries = reader.map("item", many);
      const map = new Map<Any, Any>();
      for (let i = 0; i < entries; i++) map.set(readAny(reader), readAny(reader));
      return map;
    }
    default:
      return reader.bool("item");
  }
}
