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
  MAPPING_ABSENT: {
    status: 404,
    en: 'This hub maps no databases; give it "mapping" in its configuration.',
    zh: "本服务未启用数据库映射；请在配置中设置 “mapping”。",
  },
  MAPPING_EXISTS: {
    status: 409,
    en: "There is a mapping of this name already.",
    zh: "已存在同名映射。",
  },
  MAPPING_INVALID: {
    status: 400,
    en: "The mapping does not fit the table: look at its key, columns and types.",
    zh: "映射与数据表不符；请检查主键、列和类型。",
  },
  MAPPING_SCHEMA: {
    status: 409,
    en: "The table's schema is no longer what was mapped; the mapping is paused. Restore it and resume, or make a new mapping.",
    zh: "数据表结构与映射时不同；映射已暂停。请恢复结构后继续，或新建映射。",
  },
  MAPPING_KEY: {
    status: 409,
    en: "A key of the table is NULL or stands there twice; the mapping is paused. Mend the table, or choose a unique key, and resume.",
    zh: "表中主键为空或重复；映射已暂停。请修复数据，或选择唯一主键后继续。",
  },
  MAPPING_ROW: {
    status: 409,
    en: "The row is not as it was anchored; look at the findings of its mapping.",
    zh: "该行与锚定时不一致；请查看该映射的发现记录。",
  },
  MAPPING_PAUSED: {
    status: 409,
    en: "The mapping is paused; resume it first.",
    zh: "映射已暂停；请先恢复。",
  },
  DATABASE_UNKNOWN: {
    status: 404,
    en: "The hub's list of databases has none of this name.",
    zh: "本服务的数据库清单中没有该名称。",
  },
  DATABASE_UNREACHABLE: {
    status: 503,
    en: "The database does not answer; it is tried again, and a sweep goes on where it was.",
    zh: "数据库无应答；将自动重试，巡检从中断处继续。",
  },
  DATABASE_REFUSED: {
    status: 502,
    en: "The database refuses what is asked: look at the user's rights, the table's name and the statement timeout.",
    zh: "数据库拒绝请求；请检查用户权限、表名和语句超时。",
  },
} as const satisfies FaultTable;
