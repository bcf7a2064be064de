import type { FaultTable } from "./fault-table.ts";

/** Files that hold the chain. */
export const storageFaults = {
  STORE_CORRUPT: {
    status: 500,
    en: "A store file is damaged; restore it from a copy or remove it to sync again.",
    zh: "存储文件已损坏；请从副本恢复，或删除后重新同步。",
  },
  STORE_FAILED: {
    status: 500,
    en: "A store file could not be read or written; look at the disk and its permissions.",
    zh: "无法读写存储文件；请检查磁盘及其权限。",
  },
  STORE_IN_USE: {
    status: 500,
    en: "Another process uses this store; a key must never run twice.",
    zh: "另一进程正在使用该存储；同一密钥绝不能运行两次。",
  },
  STORE_FULL: {
    status: 507,
    en: "The store has reached its disk cap.",
    zh: "存储已达到磁盘上限。",
  },
} as const satisfies FaultTable;
