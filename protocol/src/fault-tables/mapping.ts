import type { FaultTable } from "./fault-table.ts";

/** Tables of other databases that are anchored (guide §9.2). */
export const mappingFaults = {
  ROW_VALUE: {
    status: 400,
    en: "A value of the table does not have the type that the mapping declares; map the column with its own type.",
    zh: "表中的值与映射声明的类型不符；请按该列自身的类型映射。",
  },
  ROW_TOO_LARGE: {
    status: 413,
    en: "A row is larger than one that can be mapped (16 MiB); leave the large column out.",
    zh: "单行超过可映射的上限（16 MiB）；请不要映射过大的列。",
  },
  MAPPING_OWNED: {
    status: 403,
    en: "Another identity anchors this mapping; only it goes on.",
    zh: "该映射由另一身份上链；只有其可以继续。",
  },
  MAPPING_SEQUENCE: {
    status: 409,
    en: "The anchor does not follow the mapping's last one.",
    zh: "该锚定与此映射的上一个锚定不衔接。",
  },
  MAPPING_FINGERPRINT: {
    status: 409,
    en: "Table, columns or types are not those that the mapping was anchored with; make a new mapping.",
    zh: "表、列或类型与该映射锚定时不同；请新建映射。",
  },
} as const satisfies FaultTable;
