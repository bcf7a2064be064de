import type { FaultTable } from "./fault-table.ts";

/** Copies of objects on nodes and further stores. */
export const copiesFaults = {
  COPY_SHAPE: {
    status: 400,
    en: "The declaration of places for copies is not well formed.",
    zh: "副本存放位置的声明格式不正确。",
  },
  COPY_UNKNOWN: {
    status: 404,
    en: "This holder has no copy of the object; it is given one by the placement rule.",
    zh: "该存放方没有此对象的副本；系统会按放置规则补发。",
  },
  COPY_SPACE: {
    status: 507,
    en: "The holder's budget for copies is used up; raise it in its configuration, or add a holder.",
    zh: "该存放方的副本容量已用完；请在其配置中提高容量，或增加存放方。",
  },
  COPY_PLACED: {
    status: 409,
    en: "The placement rule wants this copy here; it is not let go of.",
    zh: "按放置规则该副本应保留于此，不予删除。",
  },
  COPY_SILENT: {
    status: 504,
    en: "The holder of the copy does not answer; another one is asked.",
    zh: "副本存放方无应答；将改询其他存放方。",
  },
  COPY_LYING: {
    status: 502,
    en: "What the holder gave out does not agree with the object's root; it is avoided until its copy is healed.",
    zh: "存放方给出的数据与对象根哈希不符；在副本修复之前不再采用。",
  },
} as const satisfies FaultTable;
