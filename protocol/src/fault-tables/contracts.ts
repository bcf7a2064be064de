import type { FaultTable } from "./fault-table.ts";

/** Contracts: what is refused before anything runs. What ran and failed has a receipt that says how. */
export const contractsFaults = {
  GAS_LIMIT: {
    status: 400,
    en: "The gas limit is above the channel's or below what the transaction costs before it runs.",
    zh: "燃料上限超过通道允许值，或低于交易执行前的基本消耗。",
  },
  BLOCK_GAS_FULL: {
    status: 409,
    en: "The block has no room for the transaction's gas; it waits for the next one.",
    zh: "本区块的剩余燃料不足；交易等待下一区块。",
  },
  CONTRACT_UNKNOWN: {
    status: 404,
    en: "There is no contract at this address.",
    zh: "该地址上没有合约。",
  },
  CONTRACT_SHAPE: {
    status: 400,
    en: "The deployment or call is not well formed.",
    zh: "部署或调用的格式不正确。",
  },
  WEBHOOK_URL: {
    status: 400,
    en: "A webhook needs an https URL without name and password, at an address that can be a receiver.",
    zh: "Webhook 需要不含用户名和密码的 https 地址，且该地址可作为接收方。",
  },
  WEBHOOK_LIMIT: {
    status: 409,
    en: "This account has 20 webhooks already; remove one first.",
    zh: "该账户已有 20 个 Webhook；请先删除一个。",
  },
  NODE_SILENT: {
    status: 503,
    en: "No validator gave an answer that can be proven; try again.",
    zh: "没有验证者给出可证明的答复；请重试。",
  },
  SOLIDITY_INVALID: {
    status: 400,
    en: "The Solidity source does not compile; mend what the compiler names.",
    zh: "Solidity 源码无法编译；请按编译器提示修改。",
  },
} as const satisfies FaultTable;
