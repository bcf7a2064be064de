import type { FaultTable } from "./fault-table.ts";

/** Votes, proposals and the log before them. */
export const consensusFaults = {
  VOTE_SENDER: {
    status: 403,
    en: "The consensus message was not published by the validator it names.",
    zh: "共识消息的发布者与其声明的验证者不符。",
  },
  VOTE_INVALID: {
    status: 400,
    en: "The vote's signature does not verify.",
    zh: "投票签名验证不通过。",
  },
  PROPOSAL_INVALID: {
    status: 400,
    en: "The proposal is not one this round may accept.",
    zh: "该提案不符合本轮的要求。",
  },
  ROUND_CHANGE_INVALID: {
    status: 400,
    en: "The round change is not signed or its prepared certificate is wrong.",
    zh: "轮次变更未正确签名，或其准备证书无效。",
  },
  SIGNING_SUSPENDED: {
    status: 503,
    en: "This validator signs nothing until the chain has passed what it may have signed and forgotten.",
    zh: "该验证者可能遗忘了已签名的内容，在链越过该位置之前不会签名。",
  },
  KEY_IN_USE_ELSEWHERE: {
    status: 500,
    en: "Another process signs with this validator's key; stop one of them, then restart this one.",
    zh: "另一个进程正在使用该验证者的密钥；请停止其中一个，然后重启本节点。",
  },
} as const satisfies FaultTable;
