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
  BLOCK_PRUNED: {
    status: 410,
    en: "This node has pruned the block; the archive that it names has it.",
    zh: "该节点已裁剪此区块；请向其指明的归档节点获取。",
  },
  ARCHIVE_MISSING: {
    status: 503,
    en: "The disk cap is reached, and nothing is pruned because no archive has confirmed the blocks; connect a hub or raise maxDiskBytes.",
    zh: "已达到磁盘上限，但没有归档确认持有这些区块，因此不裁剪；请连接枢纽或提高 maxDiskBytes。",
  },
  DISK_CAP_TIGHT: {
    status: 507,
    en: "The disk cap is reached with only the newest blocks left; raise maxDiskBytes.",
    zh: "已达到磁盘上限且只剩最新区块；请提高 maxDiskBytes。",
  },
  SNAPSHOT_INVALID: {
    status: 400,
    en: "The snapshot does not lead to the state root of a sealed header.",
    zh: "该快照与已封印区块头的状态根不符。",
  },
  SYNC_TRICKLE: {
    status: 408,
    en: "The peer gives blocks too slowly while others wait; another one is asked.",
    zh: "该节点提供区块过慢；将改向其他节点请求。",
  },
} as const satisfies FaultTable;
