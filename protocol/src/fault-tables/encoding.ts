import type { FaultTable } from "./fault-table.ts";

/** Bytes that do not decode. */
export const encodingFaults = {
  CBOR_MALFORMED: {
    status: 400,
    en: "The bytes are not well-formed CBOR.",
    zh: "字节不是格式正确的 CBOR。",
  },
  CBOR_NOT_CANONICAL: {
    status: 400,
    en: "The CBOR is not deterministic (RFC 8949 §4.2.1); encode with shortest lengths and sorted keys.",
    zh: "CBOR 不是确定性编码（RFC 8949 §4.2.1）；请使用最短长度并对键排序。",
  },
  CBOR_LIMIT: {
    status: 413,
    en: "The CBOR is larger or deeper than this door accepts.",
    zh: "CBOR 的大小或深度超过此处的上限。",
  },
  CBOR_SHAPE: {
    status: 400,
    en: "The CBOR does not have the shape this message requires.",
    zh: "CBOR 的结构与该消息要求的不符。",
  },
} as const satisfies FaultTable;
