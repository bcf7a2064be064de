import type { FaultTable } from "./fault-table.ts";

/** Transactions and questions of the Ethereum world (ADR 027). */
export const ethereumFaults = {
  ETHEREUM_SHAPE: {
    status: 400,
    en: "This is not a raw Ethereum transaction of type 0 with EIP-155, 1 or 2.",
    zh: "这不是类型 0（EIP-155）、1 或 2 的原始以太坊交易。",
  },
  ETHEREUM_CHAIN: {
    status: 400,
    en: "The transaction was signed for another chain; take the number that eth_chainId answers.",
    zh: "交易是为另一条链签名的；请使用 eth_chainId 返回的编号。",
  },
  ETHEREUM_VALUE: {
    status: 400,
    en: "There is no native coin here: the value of a transaction must be zero.",
    zh: "本链没有原生代币：交易金额必须为零。",
  },
  ETHEREUM_REFUSED: {
    status: 403,
    en: "The channel takes no secp256k1 signatures; send kinds 10 and 11 with the channel's own suite.",
    zh: "本通道不接受 secp256k1 签名；请用通道自身的密码套件发送类型 10 和 11 的交易。",
  },
  ACCOUNT_UNBOUND: {
    status: 403,
    en: "The Ethereum account is bound to no identity; gridledger contract bind does it.",
    zh: "该以太坊账户未绑定任何身份；请使用 gridledger contract bind 绑定。",
  },
  ACCOUNT_BOUND: {
    status: 409,
    en: "The Ethereum account is bound already, or belongs to another identity for good.",
    zh: "该以太坊账户已绑定，或永久属于另一身份。",
  },
  ACCOUNT_PROOF: {
    status: 400,
    en: "The account's signature does not show that this identity holds its key; sign the text again.",
    zh: "账户签名不能证明该身份持有其密钥；请重新签名文本。",
  },
  NONCE_STALE: {
    status: 409,
    en: "The account's nonce is too low: it has been used; ask for the next one.",
    zh: "账户的 nonce 过低：已被使用；请查询下一个。",
  },
  NONCE_AHEAD: {
    status: 409,
    en: "The account's nonce is too high: the transactions before it are missing.",
    zh: "账户的 nonce 过高：缺少其前面的交易。",
  },
  CALL_REVERTED: {
    status: 400,
    en: "The contract refused the call; the error's data says why.",
    zh: "合约拒绝了调用；原因见错误数据。",
  },
  CALL_FAILED: {
    status: 400,
    en: "The call did not come to its end, for example for want of gas.",
    zh: "调用未能完成，例如燃料不足。",
  },
  STATE_GONE: {
    status: 404,
    en: "The node keeps the state of the last blocks only; ask at a later one.",
    zh: "节点仅保留最近区块的状态；请查询较新的区块。",
  },
  LOG_RANGE: {
    status: 400,
    en: "The range of blocks is too wide or holds too many logs; ask for less at once.",
    zh: "区块范围过大或日志过多；请缩小查询范围。",
  },
  FILTER_UNKNOWN: {
    status: 404,
    en: "There is no such filter: it was not asked for five minutes, or the node has started anew.",
    zh: "过滤器不存在：五分钟未被查询，或节点已重启。",
  },
  FILTER_LIMIT: {
    status: 429,
    en: "Too many filters are open; uninstall those that are not needed.",
    zh: "打开的过滤器过多；请卸载不需要的过滤器。",
  },
} as const satisfies FaultTable;
