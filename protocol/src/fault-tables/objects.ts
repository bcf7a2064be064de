import type { FaultTable } from "./fault-table.ts";

/** Data objects: what is put, fetched, checked. */
export const objectsFaults = {
  OBJECT_SHAPE: {
    status: 400,
    en: "The object's manifest is not well formed.",
    zh: "数据对象的清单格式不正确。",
  },
  OBJECT_CONVERSION: {
    status: 400,
    en: "The bytes do not have the form that their conversion rule takes; mend what is named, or put them as plain bytes.",
    zh: "字节不符合所声明的转换规则；请修正所指之处，或按原始字节存入。",
  },
  OBJECT_EXISTS: {
    status: 409,
    en: "An object with this root is on the chain already.",
    zh: "链上已有同一根哈希的数据对象。",
  },
  OBJECT_UNKNOWN: {
    status: 404,
    en: "There is no such object here.",
    zh: "此处没有该数据对象。",
  },
  OBJECT_CHUNK: {
    status: 400,
    en: "The chunk is not the one that the object's root names at this place; send it again.",
    zh: "该分块与对象根哈希在此位置所指的分块不符；请重新发送。",
  },
  OBJECT_INCOMPLETE: {
    status: 409,
    en: "Chunks of the object are still missing; send them first.",
    zh: "对象仍缺少分块；请先发送。",
  },
  OBJECT_PAYLOAD: {
    status: 503,
    en: "The object is on the chain, but no copy of its bytes here agrees with its root.",
    zh: "该对象已上链，但此处没有与其根哈希一致的数据副本。",
  },
  OBJECT_ERASED: {
    status: 410,
    en: "The object's bytes were erased under authority; what is left is on the chain.",
    zh: "该对象的数据已依授权删除；链上仅保留凭据。",
  },
  OBJECT_RANGE: {
    status: 416,
    en: "The object has no such range of bytes.",
    zh: "该对象没有所请求的字节范围。",
  },
  OBJECT_SPACE: {
    status: 507,
    en: "The hub takes no more unfinished uploads at the moment; finish one or try later.",
    zh: "服务暂不接受更多未完成的上传；请先完成已有上传或稍后再试。",
  },
  OBJECT_SPOOL_DAMAGED: {
    status: 500,
    en: "The object in the spool is damaged and is not sent; put the file again, then remove its folder. Others go on.",
    zh: "缓存中的数据对象已损坏，不会发送；请重新存入该文件，然后删除其文件夹。其他对象继续发送。",
  },
  OBJECT_SPOOL_OWNER: {
    status: 409,
    en: "The object was spooled with another key; send it with that one.",
    zh: "该对象是用另一密钥缓存的；请用原密钥发送。",
  },
} as const satisfies FaultTable;
