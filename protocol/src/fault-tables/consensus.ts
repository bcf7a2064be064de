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
  WORK_INVALID: {
    status: 400,
    en: "The block's proof of work is not well formed or not one this chain may hold.",
    zh: "区块的工作量证明格式不正确，或不符合本链规则。",
  },
  WORK_INSUFFICIENT: {
    status: 400,
    en: "The block's hash is above its target: the work was not done.",
    zh: "区块哈希高于目标值：未完成所需的工作量。",
  },
  WORK_TARGET: {
    status: 400,
    en: "The block's target is not the one that follows from its parent.",
    zh: "区块的目标值与父块推导的目标值不符。",
  },
  WORK_TIME: {
    status: 400,
    en: "The block's time is not after the median of the eleven blocks before it, or too far ahead of the clock.",
    zh: "区块时间不晚于前十一个区块时间的中位数，或超前时钟过多。",
  },
  ENGINE_REFUSED: {
    status: 500,
    en: "The package does not bring a consensus engine that this version can run; see docs/engines.md.",
    zh: "该软件包未提供本版本可运行的共识引擎；参见 docs/engines.md。",
  },
  ENGINE_UNFIT: {
    status: 409,
    en: "That engine makes blocks final in another way: a channel keeps to votes or to work from its genesis on.",
    zh: "该引擎以另一种方式最终确认区块：通道自创世起只能一直采用投票或一直采用工作量。",
  },
  REORG_TOO_DEEP: {
    status: 409,
    en: "A branch with more work leaves the chain below a final block; the final block stays. Compare the validators' clocks and links, then decide which side restarts empty.",
    zh: "一条工作量更大的分支从已最终确认的区块之下分叉；最终区块保持不变。请检查各验证者的时钟与网络，再决定哪一侧清空重启。",
  },
  VOTE_PLACE: {
    status: 400,
    en: "The vote is for a height that is final already or too far ahead.",
    zh: "该投票所属的高度已最终确定，或超前过多。",
  },
  VOTE_REPEATED: {
    status: 400,
    en: "The validator has already voted at this place.",
    zh: "该验证者已在此位置投过票。",
  },
  CERTIFICATE_LIMIT: {
    status: 429,
    en: "A relay sent more certificates at one height than any round needs.",
    zh: "中继在同一高度发送的证书过多。",
  },
  EVIDENCE_INVALID: {
    status: 400,
    en: "The evidence proves nothing: wrong signatures, no contradiction, or no validator of that height.",
    zh: "该证据不成立：签名无效、内容并不矛盾，或该高度没有此验证者。",
  },
  EVIDENCE_PLACE: {
    status: 409,
    en: "The evidence is about a height that the chain has not reached.",
    zh: "该证据涉及的高度尚未到达。",
  },
  EVIDENCE_OLD: {
    status: 409,
    en: "The evidence is too old: the chain takes what happened in its last 10,000 blocks.",
    zh: "该证据已过期：链只接受最近一万个区块内的证据。",
  },
  EVIDENCE_KNOWN: {
    status: 409,
    en: "The chain has recorded this offence already.",
    zh: "链上已记录该违规行为。",
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
