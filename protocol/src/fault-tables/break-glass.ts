import type { FaultTable } from "./fault-table.ts";

/** Orders of organisations for a chain that has lost its quorum. */
export const breakGlassFaults = {
  BREAK_GLASS_INVALID: {
    status: 400,
    en: "The break-glass order is not well formed.",
    zh: "应急授权文件格式有误。",
  },
  BREAK_GLASS_UNSIGNED: {
    status: 403,
    en: "Too few organisations have signed the break-glass order; two thirds must.",
    zh: "签署应急授权文件的组织不足三分之二。",
  },
  BREAK_GLASS_HEAD: {
    status: 409,
    en: "The break-glass order names another block than this node's head; draft it for the last block.",
    zh: "应急授权文件所指区块与本节点链头不符；请按最后区块重新起草。",
  },
  BREAK_GLASS_LATE: {
    status: 409,
    en: "The chain has gone on since the break-glass order's block; the order is void.",
    zh: "链在应急授权文件所指区块之后已继续出块；该文件作废。",
  },
  BREAK_GLASS_MISSING: {
    status: 422,
    en: "The first block of an ordered validator set does not hold the order.",
    zh: "应急授权验证者集合的首个区块未包含该授权文件。",
  },
} as const satisfies FaultTable;
